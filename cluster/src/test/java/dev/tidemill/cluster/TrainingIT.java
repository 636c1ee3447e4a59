package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** 07-train.yaml, in a folder that is granted, and with live data beside it. */
@Order(3)
@OnCluster
@DisplayName("A model that a cluster trains")
class TrainingIT {

    private static final String WINES = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: wines}
            spec: {source: {bucket: lake, prefix: test-data/wines/}, resync: 10s}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: cellar}
            spec: {source: {bucket: lake, prefix: test-data/cellar/}, resync: 10s}
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

    private final Installation tidemill;

    TrainingIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @Test
    @DisplayName(
            "kubectl apply trains, serves and scores from zero; more rows make a better model, and live data that moved is told")
    void trainsServesScoresAndLooks() throws Exception {
        var wines = Files.readAllLines(Path.of(Installation.example("data/wine/wine.csv")));
        put("wines/all.csv", wines);
        put("cellar/all.csv", wines);
        var began = Instant.now();
        tidemill.apply(WINES);
        tidemill.kubectl("wait", "--for=condition=Trained", "model/cultivator", "--timeout=540s");
        System.out.printf(
                "A model was trained %d s after kubectl apply, from an empty namespace%n",
                Duration.between(began, Instant.now()).toSeconds());
        tidemill.ready("model/cultivator");
        tidemill.ready("dataset/told");
        var made = model().at("/status/training/made");
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
        Await.until(() -> model().at("/status/training/made/rows").asInt() == 356);
        tidemill.kubectl("wait", "--for=condition=Drifted", "model/cultivator", "--timeout=300s");
        assertThat(model().at("/status/drift/columns/0/name").asText()).isEqualTo("alcohol");
        Await.until(() -> tidemill.dataset("told").at("/status/rows").asInt() == 356);
        tidemill.kubectl(
                "delete", "dataset/told", "model/cultivator", "dataset/wines", "dataset/cellar", "--timeout=180s");
    }

    private void put(String key, List<String> lines) throws Exception {
        var file = Files.createTempFile("wines", ".csv");
        try {
            Files.write(file, lines);
            tidemill.store()
                    .mc("cp", file.toString(), "store/lake/test-data/" + key)
                    .orFail();
        } finally {
            Files.delete(file);
        }
    }

    private JsonNode model() {
        return new Json(tidemill.kubectl("get", "model", "cultivator", "-o", "json")).root();
    }
}
