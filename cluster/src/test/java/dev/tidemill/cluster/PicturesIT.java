package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** PNGs and JPEGs as a Dataset, against what {@code make_images.py} had of Pillow and onnxruntime. */
@Order(3)
@OnCluster
@DisplayName("A model that looks at pictures on a cluster")
class PicturesIT {

    private static final Path EXPECTED = Path.of("../functions/model/src/test/models/digit-images.json");

    private static final String SEEN = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: pictures}
            spec:
              source: {bucket: lake, prefix: incoming/pictures/}
              format: {type: Image}
              partition: {scale: 4}
              resync: 10s
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Model
            metadata: {name: looker}
            spec:
              format: ONNX
              source: {bucket: lake, key: test-data/models/digit-images.onnx}
              inputs: [{name: x, datatype: FP32, shape: [-1, 1, 8, 8], image: {shorterSide: 8}}]
              outputs: [{name: probabilities, datatype: FP32, shape: [-1, 10]}, {name: label, datatype: INT64, shape: [-1]}]
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: seen}
            spec:
              from: {dataset: pictures, model: looker}
              output: {bucket: lake, prefix: test-data/seen/, format: JsonLines}
            """;

    private final Installation tidemill;

    PicturesIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @Test
    @DisplayName(
            "Predictions over PNGs and JPEGs are those of Pillow and onnxruntime, and a broken picture is named until it is whole")
    void predictionsArePythons() throws Exception {
        var store = tidemill.store();
        var artifact = Installation.example("models/digit-images.onnx");
        store.mc("cp", artifact, "store/lake/test-data/models/digit-images.onnx")
                .orFail();
        var pictures = Installation.example("data/digit-images") + "/";
        store.mc("cp", "--recursive", pictures, "store/lake/incoming/pictures/").orFail();
        tidemill.apply(SEEN);
        tidemill.ready("dataset/seen");
        var expected = new Json(Files.readString(EXPECTED)).root();
        var rows = store.rows("lake", "test-data/seen/").toList();
        assertThat(rows).hasSameSizeAs(expected).allSatisfy(row -> {
            var key = row.path("object").asText();
            assertSame(row, expected.path(key.substring(key.lastIndexOf('/') + 1)), key.endsWith(".png") ? 1e-5 : 0.02);
        });

        var name = "00-grey.png";
        var whole = Files.readAllBytes(Path.of(pictures, name));
        var broken = Files.createTempFile("broken", ".png");
        Files.write(broken, Arrays.copyOf(whole, whole.length - 20));
        store.mc("cp", broken.toString(), "store/lake/incoming/pictures/" + name)
                .orFail();
        Files.delete(broken);
        Await.until(() ->
                tidemill.dataset("seen").at("/status/conditions").toString().contains(name));
        store.mc("cp", pictures + name, "store/lake/incoming/pictures/" + name).orFail();
        Await.until(() ->
                !tidemill.dataset("seen").at("/status/conditions").toString().contains(name));
        tidemill.ready("dataset/seen");
        tidemill.kubectl("delete", "dataset/seen", "model/looker", "dataset/pictures", "--timeout=180s");
    }

    private static void assertSame(JsonNode row, JsonNode expected, double bound) {
        assertThat(row.path("label").asInt())
                .as("%s", row)
                .isEqualTo(expected.path("label").asInt());
        for (var digit = 0; digit < 10; digit++) {
            assertThat(row.path("probabilities_" + digit).asDouble())
                    .as("%s", row)
                    .isCloseTo(expected.path("probabilities").path(digit).asDouble(), within(bound));
        }
    }
}
