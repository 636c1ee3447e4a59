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
    private static final String PODS = "tidemill.dev/model=digits";

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
        Await.until(() -> tidemill.pods(PODS).isEmpty());
        var digit = firstDigit();
        var pixels = String.join(",", Arrays.copyOf(digit, PIXELS));
        var request = "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1, 64], \"data\": [" + pixels
                + "]}]}";
        var url = tidemill.url("model/digits") + "/v2/models/digits/infer";
        var answers = new Client(tidemill).ask(url, request, 2);
        assertThat(answers).hasSize(2).allSatisfy(answer -> {
            assertThat(answer.status()).isEqualTo(200);
            var reply = new Json(answer.body()).root();
            assertThat(reply.at("/outputs"))
                    .filteredOn(output -> output.path("name").asText().equals("label"))
                    .singleElement()
                    .extracting(output -> output.at("/data/0").asText())
                    .isEqualTo(digit[PIXELS]);
        });
        ColdStart.print("A model", answers, tidemill.logs(PODS));
        tidemill.kubectl("delete", "model/digits", "--timeout=120s");
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
