package dev.tidemill.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that the command trains: through the launcher, in processes of their own. */
class TrainingIT {

    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String GROUPS = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: points}
            spec:
              generate: {rows: 1000, objects: 8, seed: 3, columns: [{name: a}, {name: b}]}
              output: {bucket: lake, prefix: points/, format: Csv}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: live}
            spec:
              generate: {rows: 300, seed: 4, columns: [{name: a, min: "0.4", max: "1.4"}, {name: b}]}
              output: {bucket: lake, prefix: live/, format: Csv}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Model
            metadata: {name: groups}
            spec:
              format: ONNX
              train:
                dataset: points
                algorithm: KMeans
                parameters: [{name: clusters, value: "6"}]
                output: {bucket: models}
                partition: {scale: 8}
              drift: {dataset: live, threshold: "0.2"}
              inputs: [{name: x, datatype: FP64, shape: [-1, 2], columns: [a, b]}]
              outputs: [{name: group, datatype: INT64, shape: [-1]}]
            """;

    @TempDir
    Path dir;

    @Test
    void aModelIsTrainedServedAndReadsTheDatasetThatItCameFrom() throws Exception {
        Process run = start("k8s/examples/07-train.yaml", "data").start();
        String output = new String(run.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(run.waitFor()).as(output).isZero();

        JsonNode made = made("data", "cultivator");
        assertThat(made.path("rows").asInt()).isEqualTo(178);
        assertThat(made.path("converged").asBoolean()).isTrue();
        Path models = dir.resolve("data/store/models");
        Path artifact = models.resolve(made.path("artifact").path("key").asText());
        assertThat(artifact).isNotEmptyFile();
        assertThat(models.resolve(made.path("profile").asText())).isNotEmptyFile();
        JsonNode told = JSON.readTree(
                Path.of(artifact.toString().replace(".onnx", ".json")).toFile());
        assertThat(told.path("dataset").asText()).isEqualTo("wines");
        assertThat(told.path("parameters").path("coefficients")).hasSize(3 * 13);

        int rows = 0;
        int right = 0;
        try (Stream<Path> files = Files.walk(dir.resolve("data/store/lake/told"))) {
            for (Path file :
                    (Iterable<Path>) files.filter(path -> path.toString().endsWith("jsonl"))::iterator) {
                for (String line : Files.readAllLines(file)) {
                    rows++;
                    JsonNode row = JSON.readTree(line);
                    right +=
                            row.path("cultivator").asInt() == row.path("target").asInt() ? 1 : 0;
                }
            }
        }
        assertThat(rows).isEqualTo(178);
        assertThat((double) right / rows)
                .isEqualTo(made.path("metrics").path("accuracy").asDouble());
    }

    @Test
    void aTrainingThatIsKilledBetweenRoundsGoesOnAndEndsWithTheSameModel() throws Exception {
        Path yaml = Files.writeString(dir.resolve("groups.yaml"), GROUPS);
        Path head = dir.resolve("killed/store/tidemill/default/groups-training/current.json");
        Process killed = start(yaml.toString(), "killed")
                .redirectOutput(dir.resolve("log").toFile())
                .start();
        while (killed.isAlive() && revision(head) < 5) {
            killed.waitFor(20, TimeUnit.MILLISECONDS);
        }
        killed.destroyForcibly().waitFor();
        long reached = revision(head);
        assertThat(reached).as(() -> read(dir.resolve("log"))).isGreaterThanOrEqualTo(5);

        for (String data : List.of("killed", "undisturbed")) {
            Process run = start(yaml.toString(), data).start();
            String output = new String(run.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(run.waitFor()).as(output).isZero();
        }

        JsonNode drifted = JSON.readTree(dir.resolve("undisturbed/resources/default/model/groups.json")
                        .toFile())
                .path("status")
                .path("conditions")
                .path(2);
        assertThat(drifted.path("type").asText() + " " + drifted.path("status").asText())
                .isEqualTo("Drifted True");
        assertThat(drifted.path("message").asText()).startsWith("1 of 2 columns have moved by more than 0.2: a (");

        JsonNode undisturbed = made("undisturbed", "groups");
        JsonNode resumed = made("killed", "groups");
        for (String what : List.of("artifact", "metrics", "rows", "rounds", "converged")) {
            assertThat(resumed.path(what)).isEqualTo(undisturbed.path(what));
        }
        assertThat(undisturbed.path("rounds").asLong())
                .as("it was killed under way, and took no round twice")
                .isGreaterThan(reached)
                .isEqualTo(revision(head));
    }

    private static long revision(Path head) throws IOException {
        try {
            // The store replaces it as a whole.
            return JSON.readTree(Files.readAllBytes(head)).path("revision").asLong();
        } catch (java.nio.file.NoSuchFileException e) {
            return 0;
        }
    }

    private JsonNode made(String data, String model) throws IOException {
        return JSON.readTree(dir.resolve(data + "/resources/default/dataset/" + model + "-training.json")
                        .toFile())
                .path("status")
                .path("result");
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private ProcessBuilder start(String yaml, String data) {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        HOME.resolve("tidemill").toString(),
                        "run",
                        yaml,
                        "--data-dir",
                        dir.resolve(data).toString()))
                .directory(HOME.toFile())
                .redirectErrorStream(true);
        builder.environment().remove("JAVA_HOME");
        return builder;
    }
}
