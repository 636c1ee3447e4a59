package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The model of 06-model.yaml, asked by the Open Inference Protocol. */
@Order(2)
@OnCluster
@DisplayName("A model on a cluster")
class ModelIT {

    private static final int PIXELS = 64;

    private static final String MODEL = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Model
            metadata: {name: digits}
            spec:
              format: PyTorch
              source: {bucket: lake, key: test-data/models/digits.pt}
              inputs:
              - {name: x, datatype: FP32, shape: [-1, 64]}
              outputs:
              - {name: probabilities, datatype: FP32, shape: [-1, 10]}
              - {name: label, datatype: INT64, shape: [-1]}
            """;

    private final Installation tidemill;

    ModelIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @Test
    @DisplayName("A model becomes Ready, goes to zero, and knows a handwritten digit when it is asked from zero")
    void answersFromZero() throws Exception {
        var artifact = Path.of(Installation.example("models/digits.pt")).toString();
        tidemill.store()
                .mc("cp", artifact, "store/lake/test-data/models/digits.pt")
                .orFail();
        tidemill.apply(MODEL);
        tidemill.ready("model/digits");
        Await.until(() -> tidemill.pods("tidemill.dev/model=digits").isEmpty());
        var digit = firstDigit();
        var pixels = String.join(",", Arrays.copyOf(digit, PIXELS));
        var request = "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1, 64], \"data\": [" + pixels
                + "]}]}";
        var url = tidemill.kubectl("get", "model", "digits", "-o", "jsonpath={.status.url}");
        var image = tidemill.pushProgram(Asker.class);
        tidemill.kubectl(
                "run",
                "asker",
                "--image=" + image,
                "--restart=Never",
                "--",
                url + "/v2/models/digits/infer",
                request,
                "2");
        tidemill.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/asker", "--timeout=300s");
        var answers = tidemill.kubectl("logs", "asker").lines().map(Json::new).toList();
        assertThat(answers).hasSize(2).allSatisfy(answer -> {
            assertThat(answer.root().at("/status").asInt()).isEqualTo(200);
            var reply = new Json(answer.text("/body")).root();
            assertThat(reply.at("/outputs"))
                    .filteredOn(output -> output.path("name").asText().equals("label"))
                    .singleElement()
                    .extracting(output -> output.at("/data/0").asText())
                    .isEqualTo(digit[PIXELS]);
        });
        System.out.printf(
                "A model answered from zero after %s ms, then after %s ms%n",
                answers.getFirst().text("/millis"), answers.getLast().text("/millis"));
        tidemill.kubectl("delete", "pod/asker", "model/digits", "--timeout=120s");
    }

    /** Its pixels, and which it is. */
    private static String[] firstDigit() throws IOException {
        try (InputStream file = Files.newInputStream(Path.of(Installation.example("data/digits/digits.csv.gz")));
                var content = new GZIPInputStream(file)) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElseThrow()
                    .split(",", -1);
        }
    }
}
