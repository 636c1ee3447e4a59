package dev.tidemill.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that the command trains: through the launcher, in processes of their own. */
class TrainingIT {

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
                parameters: [{name: clusters, value: "4"}]
                output: {bucket: models}
                partition: {scale: 8}
              drift: {dataset: live, threshold: "0.2"}
              inputs: [{name: x, datatype: FP64, shape: [-1, 2], columns: [a, b]}]
              outputs: [{name: group, datatype: INT64, shape: [-1]}]
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: grouped}
            spec:
              from: {dataset: points, model: groups}
              output: {bucket: lake, prefix: grouped/, format: Csv}
            """;

    /** With two keys of 400 bytes what the training comes to is too large for a status. */
    private static final String DEEP = "海/".repeat(100);

    private static final String SLOPE = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: slopes}
            spec:
              generate: {rows: 200, seed: 3, columns: [{name: a}, {name: b}]}
              output: {bucket: lake, prefix: slopes/, format: Csv}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Model
            metadata: {name: slope}
            spec:
              format: ONNX
              train:
                dataset: slopes
                target: b
                algorithm: LinearRegression
                output: {bucket: models, prefix: %s}
                parameters: [{name: l2, value: "%s"}]
              inputs: [{name: x, datatype: FP64, shape: [-1, 1], columns: [a]}]
              outputs: [{name: told, datatype: FP64, shape: [-1]}]
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: sloped}
            spec:
              from: {dataset: slopes, model: slope}
              output: {bucket: lake, prefix: sloped/, format: JsonLines}
            """;

    @TempDir
    static Path undisturbedDir;

    private static Laptop undisturbed;
    private static String first;

    @TempDir
    Path dir;

    @BeforeAll
    static void groupThePoints() throws Exception {
        undisturbed = new Laptop(undisturbedDir.resolve("data"));
        first = undisturbed.succeed(
                "run",
                Files.writeString(undisturbedDir.resolve("groups.yaml"), GROUPS).toString());
    }

    @Test
    void aModelIsTrainedServedAndReadsTheDatasetThatItCameFrom() throws Exception {
        Laptop laptop = new Laptop(dir.resolve("data"));
        String output = laptop.succeed("run", "k8s/examples/07-train.yaml");

        JsonNode made = made(laptop, "cultivator");
        assertThat(made.path("rows").asInt()).isEqualTo(178);
        assertThat(made.path("converged").asBoolean()).isTrue();
        Path artifact = laptop.bucket("models")
                .resolve(made.path("artifact").path("key").asText());
        assertThat(artifact).isNotEmptyFile();
        assertThat(laptop.bucket("models").resolve(made.path("profile").asText()))
                .isNotEmptyFile();
        JsonNode told = JSON.readTree(
                Path.of(artifact.toString().replace(".onnx", ".json")).toFile());
        assertThat(told.path("dataset").asText()).isEqualTo("wines");
        assertThat(told.path("parameters").path("coefficients")).hasSize(3 * 13);

        List<JsonNode> rows = laptop.rows("lake", "told/");
        assertThat(rows).hasSize(178);
        double accuracy = rows.stream()
                        .filter(row -> row.path("cultivator").asInt()
                                == row.path("target").asInt())
                        .count()
                / 178.0;
        assertThat(accuracy).isEqualTo(made.path("metrics").path("accuracy").asDouble());

        assertThat(output)
                .contains("model/cultivator is ready: version sha256:", "its artifact is s3://models/wines/cultivator-")
                .containsPattern(
                        "learned from wines, revision 1: 178 rows, [0-9]+ rounds; accuracy 0[.]99[0-9]+, loss [0-9.]+");
        JsonNode training = laptop.status("model", "cultivator").path("training");
        assertThat(training.path("made").path("artifact")).isEqualTo(made.path("artifact"));
        assertThat(training.path("revision").asInt())
                .isEqualTo(made.path("rounds").asInt());
        assertThat(laptop.condition("model", "cultivator", "Trained")
                        .path("status")
                        .asText())
                .isEqualTo("True");
        assertThat(laptop.succeed("get", "models"))
                .containsPattern("(?m)^ *cultivator +True +Serving +ONNX +sha256:[0-9a-f]{12} +accuracy=0[.]99");
    }

    @Test
    void aSecondRunServesTheModelOfTheFirstOneAndTakesNoRound() throws Exception {
        long rounds = undisturbed.revision("groups-training");

        String second =
                undisturbed.succeed("run", undisturbedDir.resolve("groups.yaml").toString());

        assertThat(undisturbed.revision("groups-training")).isEqualTo(rounds);
        assertThat(second)
                .contains(
                        "model groups answers at ",
                        "dataset/points is ready: revision 1",
                        "dataset/grouped is ready: revision 1");
        assertThat(summary(second)).isNotEmpty().isEqualTo(summary(first));
    }

    /** What is said of the Model in the end, its drift among it. */
    private static String summary(String output) {
        return output.substring(output.indexOf("model/groups is ready"));
    }

    @Test
    void aTrainingThatIsKilledBetweenRoundsGoesOnAndEndsWithTheSameModel() throws Exception {
        Path yaml = Files.writeString(dir.resolve("groups.yaml"), GROUPS);
        Laptop killed = new Laptop(dir.resolve("killed"));
        long reached = killed.killAfter(5, "groups-training", yaml);
        killed.succeed("run", yaml.toString());

        JsonNode drifted = undisturbed.condition("model", "groups", "Drifted");
        assertThat(drifted.path("status").asText()).isEqualTo("True");
        assertThat(drifted.path("message").asText()).startsWith("1 of 2 columns have moved by more than 0.2: a (");

        JsonNode expected = made(undisturbed, "groups");
        JsonNode resumed = made(killed, "groups");
        for (String what : List.of("artifact", "metrics", "rows", "rounds", "converged")) {
            assertThat(resumed.path(what)).isEqualTo(expected.path(what));
        }
        assertThat(expected.path("rounds").asLong())
                .as("it was killed under way, and took no round twice")
                .isGreaterThan(reached)
                .isEqualTo(killed.revision("groups-training"));
    }

    @Test
    void keysOfAnyLengthAreServedAndASpecThatCannotBeLearnedIsNotTakenForTheOneBefore() throws Exception {
        Path yaml = Files.writeString(dir.resolve("slope.yaml"), SLOPE.formatted(DEEP, "0"));
        Laptop laptop = new Laptop(dir.resolve("data"));
        laptop.succeed("run", yaml.toString());
        assertThat(laptop.status("dataset", "slope-training")
                        .path("resultObject")
                        .asText())
                .startsWith("s3://tidemill/");
        assertThat(laptop.rows("lake", "sloped/")).hasSize(200);

        Files.writeString(yaml, SLOPE.formatted(DEEP, "-1"));
        Laptop.Run run = laptop.run("run", yaml.toString());

        String why = "model slope could not be trained: TooManyFailures: 1 of 1 object failed, tolerated are 0.0 %; the"
                + " first: s3://lake/slopes/";
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output())
                .contains(
                        "tidemill: model/slope is not ready: " + why, "parameter l2 is \"-1\" and has to be 0 or more")
                .contains("dataset/sloped is not ready: ModelNotReady: " + why);
        assertThat(laptop.condition("model", "slope", "Trained").path("status").asText())
                .isEqualTo("False");
    }

    /** What the rounds came to. */
    private static JsonNode made(Laptop laptop, String model) throws IOException {
        return laptop.status("dataset", model + "-training").path("result");
    }
}
