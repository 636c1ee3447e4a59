package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** 07-train.yaml, in a folder that is granted, and with live data beside it; and a network over the digits of 06-model.yaml. */
@Order(3)
@OnCluster
@DisplayName("A model that a cluster trains")
class TrainingIT {

    private static final String WINES = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: wines}
            spec: {source: {bucket: lake, prefix: incoming/wines/}, resync: 10s}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: cellar}
            spec: {source: {bucket: lake, prefix: incoming/cellar/}, resync: 10s}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Model
            metadata: {name: cultivator}
            spec:
              format: ONNX
              train:
                dataset: wines
                target: target
                algorithm: LogisticRegression
                output: {bucket: lake, prefix: test-data/models/}
                retrain: OnChange
              drift: {dataset: cellar, threshold: "0.2"}
              inputs: [{name: x, datatype: FP64, shape: [-1, 13], columns: ["[a-s]*", total_phenols]}]
              outputs:
              - {name: cultivator, datatype: INT64, shape: [-1]}
              - {name: probabilities, datatype: FP32, shape: [-1, 3]}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: told}
            spec:
              from: {dataset: wines, model: cultivator}
              output: {bucket: lake, prefix: test-data/told/, format: JsonLines}
            """;

    /** As {@code train_network.py} has it, which wrote {@link #TORCH}. */
    private static final String NETWORK = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: scans}
            spec:
              source: {bucket: lake, prefix: incoming/scans/}
              format: {type: Csv, csv: {header: Absent}}
              resync: 10s
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Model
            metadata: {name: reader}
            spec:
              format: ONNX
              train:
                dataset: scans
                target: column64
                algorithm: NeuralNetwork
                parameters:
                - {name: hidden, value: "32, 16"}
                - {name: epochs, value: "8"}
                - {name: rate, value: "0.002"}
                - {name: seed, value: "7"}
                output: {bucket: lake, prefix: test-data/models/}
                retrain: OnChange
              inputs: [{name: x, datatype: FP32, shape: [-1, 64], columns: ["column[0-9]", "column[1-5][0-9]", "column6[0-3]"]}]
              outputs: [{name: label, datatype: INT64, shape: [-1]}, {name: probabilities, datatype: FP32, shape: [-1, 10]}]
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: read}
            spec:
              from: {dataset: scans, model: reader}
              output: {bucket: lake, prefix: test-data/read/, format: JsonLines}
            """;

    /** Loss and accuracy of each epoch over all digits, and how many the network tells in the end, by Python's PyTorch. */
    private static final Path TORCH = Path.of("../functions/model/src/test/models/network-torch.json");

    private final Installation tidemill;

    TrainingIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @Test
    @Order(1)
    @DisplayName(
            "kubectl apply trains, serves and scores from zero; more rows make a better model, and live data that moved is told")
    void trainsServesScoresAndLooks() throws Exception {
        var wines = Files.readAllLines(Path.of(Installation.example("data/wine/wine.csv")));
        put("wines/all.csv", wines);
        put("cellar/all.csv", wines);
        train(WINES, "cultivator");
        tidemill.ready("model/cultivator", "dataset/told");
        var made = made("cultivator");
        assertThat(made.path("rows").asInt()).isEqualTo(178);
        assertThat(made.path("converged").asBoolean()).isTrue();
        assertThat(tidemill.dataset("told").at("/status/rows").asInt()).isEqualTo(178);
        tidemill.kubectl("wait", "--for=condition=Drifted=False", "model/cultivator", "--timeout=300s");

        // The same wines again, and in the cellar each with much more alcohol, the first field.
        put("wines/more.csv", wines);
        put(
                "cellar/all.csv",
                wines.stream()
                        .map(line -> line.startsWith("a") ? line : line.replaceFirst("^[0-9.]+", "19.5"))
                        .toList());
        Await.until(() -> made("cultivator").path("rows").asInt() == 356);
        tidemill.kubectl("wait", "--for=condition=Drifted", "model/cultivator", "--timeout=300s");
        assertThat(model("cultivator").at("/status/drift/columns/0/name").asText())
                .isEqualTo("alcohol");
        Await.until(() -> tidemill.dataset("told").at("/status/rows").asInt() == 356);
        tidemill.kubectl(
                "delete", "dataset/told", "model/cultivator", "dataset/wines", "dataset/cellar", "--timeout=180s");
    }

    @Test
    @Order(2)
    @DisplayName(
            "A function from zero trains a neural network; with the rest of the digits it becomes PyTorch's, is served, and tells which digit it sees")
    void aNetworkThatIsTrainedAgainIsPyTorchs() throws Exception {
        var rows = Digits.rows();
        put("scans/a.csv", rows.subList(0, 1_000));
        train(NETWORK, "reader");
        tidemill.ready("model/reader", "dataset/read");
        assertThat(made("reader").path("rows").asInt()).isEqualTo(1_000);

        put("scans/b.csv", rows.subList(1_000, rows.size()));
        Await.until(() -> made("reader").path("rows").asInt() == rows.size());
        var torch = new Json(Files.readString(TORCH)).root();
        var last = torch.at("/epochs/7");
        var made = made("reader");
        assertThat(made.path("rounds").asInt()).isEqualTo(torch.path("epochs").size());
        assertThat(metric(made, "loss"))
                .isCloseTo(
                        last.path("loss").asDouble(),
                        within(1e-3 * last.path("loss").asDouble()));
        assertThat(metric(made, "accuracy")).isCloseTo(last.path("accuracy").asDouble(), within(0.002));

        Await.until(() -> tidemill.dataset("read").at("/status/rows").asInt() == rows.size()
                && Math.abs(right() - torch.path("right").asInt()) <= 4);
        var url = tidemill.url("model/reader") + "/v2/models/reader/infer";
        for (var row : List.of(rows.getFirst(), rows.getLast())) {
            var answer = new Client(tidemill).ask(url, Digits.question(row));
            assertThat(Digits.label(answer)).isEqualTo(Digits.digit(row));
            assertThat(made.at("/artifact/sha256").asText())
                    .startsWith(Digits.version(answer))
                    .isNotEmpty();
        }
        tidemill.kubectl("delete", "dataset/read", "model/reader", "dataset/scans", "--timeout=180s");
    }

    private void train(String yaml, String model) {
        var began = Instant.now();
        tidemill.apply(yaml);
        tidemill.kubectl("wait", "--for=condition=Trained", "model/" + model, "--timeout=540s");
        System.out.printf(
                "Model %s was trained %d s after kubectl apply%n",
                model, Duration.between(began, Instant.now()).toSeconds());
    }

    private void put(String key, List<String> lines) {
        tidemill.store().put("lake/incoming/" + key, String.join("\n", lines) + "\n");
    }

    private JsonNode model(String name) {
        return new Json(tidemill.kubectl("get", "model", name, "-o", "json")).root();
    }

    private JsonNode made(String model) {
        return model(model).at("/status/training/made");
    }

    private static double metric(JsonNode made, String name) {
        return StreamSupport.stream(made.path("metrics").spliterator(), false)
                .filter(metric -> metric.path("name").asText().equals(name))
                .mapToDouble(metric -> metric.path("value").asDouble())
                .findFirst()
                .orElseThrow();
    }

    /** How many digits the committed predictions tell. */
    private long right() {
        return tidemill.store()
                .rows("lake", "test-data/read/")
                .filter(row -> row.path("label").asInt() == row.path("column64").asInt())
                .count();
    }
}
