package dev.tidemill.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A neural network from a Dataset to its predictions: it learns the first 1,200 of scikit-learn's digits and reads the others. */
class NetworkIT {

    private static final int EPOCHS = 6;
    private static final int LEARNED = 1_200;

    private static final String READER = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: learned, annotations: {tidemill.dev/local: learned}}
            spec: {source: {bucket: lake, prefix: learned/}, format: {type: Csv, csv: {header: Absent}}}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: unseen, annotations: {tidemill.dev/local: unseen}}
            spec: {source: {bucket: lake, prefix: unseen/}, format: {type: Csv, csv: {header: Absent}}}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Model
            metadata: {name: reader}
            spec:
              format: ONNX
              train:
                dataset: learned
                target: column64
                algorithm: NeuralNetwork
                parameters:
                  - {name: hidden, value: "32"}
                  - {name: epochs, value: "%d"}
                  - {name: rate, value: "0.005"}
                  - {name: seed, value: "7"}
                output: {bucket: models, prefix: digits/}
                retrain: OnChange
              inputs:
                - {name: x, datatype: FP32, shape: [-1, 64], columns: ["column[0-9]", "column[1-5][0-9]", "column6[0-3]"]}
              outputs: [{name: digit, datatype: INT64, shape: [-1]}]
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: recalled}
            spec:
              from: {dataset: learned, model: reader}
              output: {bucket: lake, prefix: recalled/, format: JsonLines}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: read}
            spec:
              from: {dataset: unseen, model: reader}
              output: {bucket: lake, prefix: read/, format: JsonLines}
            """.formatted(EPOCHS);

    @TempDir
    Path dir;

    private Path yaml;
    private List<String> digits;

    @BeforeEach
    void cutTheTable() throws IOException {
        Path table = Laptop.HOME.resolve("k8s/examples/data/digits/digits.csv.gz");
        try (var lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(table)), StandardCharsets.US_ASCII))) {
            digits = lines.lines().toList();
        }
        Files.write(Files.createDirectories(dir.resolve("learned")).resolve("1.csv"), digits.subList(0, LEARNED));
        Files.write(
                Files.createDirectories(dir.resolve("unseen")).resolve("1.csv"),
                digits.subList(LEARNED, digits.size()));
        yaml = Files.writeString(dir.resolve("reader.yaml"), READER);
    }

    @Test
    void aKilledTrainingEndsWithTheSameNetworkWhichReadsUnseenDigitsAndLearnsFromNewOnes() throws Exception {
        Laptop undisturbed = new Laptop(dir.resolve("undisturbed"));
        undisturbed.succeed("run", yaml.toString());
        JsonNode made = made(undisturbed);

        Laptop killed = new Laptop(dir.resolve("killed"));
        assertThat(killed.killAfter(2, "reader-training", yaml))
                .as("it was killed between epochs")
                .isLessThan(EPOCHS);
        killed.succeed("run", yaml.toString());
        assertThat(made(killed))
                .as("the artifact's name is its digest; no epoch was taken twice")
                .isEqualTo(made);
        assertThat(killed.revision("reader-training")).isEqualTo(EPOCHS);

        assertThat(made.path("dataset").asText()).isEqualTo("learned");
        assertThat(made.path("revision").asInt()).isEqualTo(1);
        assertThat(made.path("rows").asInt()).isEqualTo(LEARNED);
        assertThat(made.path("rounds").asInt()).isEqualTo(EPOCHS);
        assertThat(killed.bucket("models")
                        .resolve(made.path("artifact").path("key").asText()))
                .isNotEmptyFile();
        assertThat(accuracy(killed, "recalled/", LEARNED)).isCloseTo(metric(made), within(2.0 / LEARNED));
        assertThat(accuracy(killed, "read/", digits.size() - LEARNED)).isGreaterThan(0.85);

        Files.write(dir.resolve("learned/2.csv"), digits.subList(LEARNED, LEARNED + 300));
        killed.succeed("run", yaml.toString());
        JsonNode again = made(killed);
        assertThat(again.path("revision").asInt()).isEqualTo(2);
        assertThat(again.path("rows").asInt()).isEqualTo(LEARNED + 300);
        assertThat(again.path("artifact")).isNotEqualTo(made.path("artifact"));
        assertThat(accuracy(killed, "recalled/", LEARNED + 300)).isCloseTo(metric(again), within(2.0 / LEARNED));
        assertThat(accuracy(killed, "read/", digits.size() - LEARNED))
                .as("300 of them are not unseen any more")
                .isGreaterThan(0.9);
    }

    private static JsonNode made(Laptop laptop) throws IOException {
        return laptop.status("model", "reader").path("training").path("made");
    }

    private static double metric(JsonNode made) {
        for (JsonNode metric : made.path("metrics")) {
            if (metric.path("name").asText().equals("accuracy")) {
                return metric.path("value").asDouble();
            }
        }
        throw new AssertionError(made);
    }

    /** The part of the rows whose prediction is the true digit. */
    private static double accuracy(Laptop laptop, String prefix, int rows) throws IOException {
        List<JsonNode> read = laptop.rows("lake", prefix);
        assertThat(read).hasSize(rows);
        return read.stream()
                        .filter(row -> row.path("digit").asInt()
                                == row.path("column64").asInt())
                        .count()
                / (double) rows;
    }
}
