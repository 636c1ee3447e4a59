package dev.tidemill.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Model that was made elsewhere and the live data it gets, against numpy on the raw values. */
class DriftIT {

    private static final String YAML =
            """
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: reference, annotations: {tidemill.dev/local: reference}}
            spec: {source: {bucket: lake, prefix: reference/}}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: live, annotations: {tidemill.dev/local: live}}
            spec: {source: {bucket: lake, prefix: live/}}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Model
            metadata: {name: adder, annotations: {tidemill.dev/local: %s}}
            spec:
              format: ONNX
              source: {bucket: models, key: add_one.onnx}
              inputs: [{name: x, datatype: FP32, shape: [-1, 3], columns: [moved, wider, still]}]
              outputs: [{name: "y", datatype: FP32, shape: [-1, 3]}]
              drift: {dataset: live, threshold: "0.2", baseline: reference}
            """.formatted(Laptop.HOME.resolve("functions/model/src/test/models/add_one.onnx"));

    private final Random random = new Random(11);

    @TempDir
    Path dir;

    @Test
    void eachColumnsIndexAndStatisticAreNumpysAndWhatMovedIsShownAndWhatDidNotIsNot() throws Exception {
        Python.install();
        Path yaml = Files.writeString(dir.resolve("adder.yaml"), YAML);
        Path reference = table("reference", 700, 0, 1);
        Path live = table("live", 400, 0.9, 2);
        Laptop laptop = new Laptop(dir.resolve("data"));

        String output = laptop.succeed("run", yaml.toString());

        JsonNode drifted = laptop.condition("model", "adder", "Drifted");
        assertThat(drifted.path("reason").asText()).isEqualTo("OverThreshold");
        assertThat(drifted.path("message").asText())
                .startsWith("2 of 3 columns have moved by more than 0.2: ")
                .endsWith("; dataset live, revision 1, 400 rows, against 700 rows");
        assertThat(output)
                .contains(
                        "model/adder is ready: version sha256:",
                        drifted.path("message").asText())
                .containsPattern("(?m)^column +psi +ks$")
                .containsPattern("(?m)^moved +[0-9.]+ +0[.][0-9]+ +drifted$")
                .containsPattern("(?m)^still +[0-9.]+ +0[.][0-9]+$");
        assertThat(asNumpy(laptop, reference, live)).isEqualTo(3);
        assertThat(laptop.succeed("get", "models")).containsPattern("(?m)^ *adder +True +Serving +ONNX .* True ");

        Path same = table("live", 600, 0, 1);
        laptop.succeed("run", yaml.toString());
        JsonNode settled = laptop.condition("model", "adder", "Drifted");
        assertThat(settled.path("status").asText()).isEqualTo("False");
        assertThat(settled.path("reason").asText()).isEqualTo("AsTrained");
        assertThat(laptop.status("model", "adder")
                        .path("drift")
                        .path("revision")
                        .asInt())
                .isEqualTo(2);
        assertThat(asNumpy(laptop, reference, same)).isEqualTo(3);
    }

    /** The only file of a folder; up to 800 rows its profile has every value. */
    private Path table(String folder, int rows, double shift, double width) throws IOException {
        StringBuilder csv = new StringBuilder("moved,wider,still\n");
        for (int i = 0; i < rows; i++) {
            csv.append(String.format(
                    Locale.ROOT,
                    "%.6f,%.6f,%.6f%n",
                    shift + random.nextGaussian(),
                    width * random.nextGaussian(),
                    random.nextGaussian()));
        }
        return Files.writeString(Files.createDirectories(dir.resolve(folder)).resolve("1.csv"), csv);
    }

    /** Compares what the status tells of each column, and says of how many. */
    private static int asNumpy(Laptop laptop, Path reference, Path live) throws Exception {
        JsonNode columns = laptop.status("model", "adder").path("drift").path("columns");
        String script = Path.of("src/test/resources/drift.py").toAbsolutePath().toString();
        int compared = 0;
        for (String line : Python.run(List.of(Python.executable(), script, reference.toString(), live.toString()))
                .lines()
                .toList()) {
            String[] numpys = line.split(" ", -1);
            for (JsonNode column : columns) {
                if (column.path("name").asText().equals(numpys[0])) {
                    assertThat(column.path("psi").asDouble())
                            .as(line)
                            .isCloseTo(Double.parseDouble(numpys[1]), within(1e-9));
                    assertThat(column.path("ks").asDouble())
                            .as(line)
                            .isCloseTo(Double.parseDouble(numpys[2]), within(1e-12));
                    compared++;
                }
            }
        }
        return compared;
    }
}
