package dev.tidemill.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a Model on this machine when its artifact is not what it should be, or is replaced. */
class ModelIT {

    private static final Path MODELS = Laptop.HOME.resolve("functions/model/src/test/models");

    private static final String ADDER = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Model
            metadata: {name: %s, annotations: {tidemill.dev/local: %s}}
            spec:
              format: %s
              source: {bucket: models, key: a%s}
              inputs: [{name: x, datatype: %s, shape: [-1, %d]}]
              outputs: [{name: "y", datatype: FP32, shape: [-1, 3]}]
            ---
            """;

    @TempDir
    Path dir;

    private static String adder(
            String name, Object artifact, String format, String sha256, String datatype, int width) {
        return ADDER.formatted(name, artifact, format, sha256.isEmpty() ? "" : ", sha256: " + sha256, datatype, width);
    }

    @Test
    void eachThingThatIsWrongWithAModelIsSaidInALineWithWhatToDo() throws Exception {
        Path onnx = MODELS.resolve("add_one.onnx");
        Path yaml = Files.writeString(
                dir.resolve("models.yaml"),
                adder("missing", "none.onnx", "ONNX", "", "FP32", 3)
                        + adder("digest", onnx, "ONNX", "ab".repeat(32), "FP32", 3)
                        + adder("format", onnx, "PyTorch", "", "FP32", 3)
                        + adder("datatype", onnx, "ONNX", "", "FP64", 3)
                        + adder("shape", onnx, "ONNX", "", "FP32", 4)
                        + adder("pickle", MODELS.resolve("pickle.pt"), "PyTorch", "", "FP32", 3)
                        + """
                        apiVersion: tidemill.dev/v1alpha1
                        kind: Model
                        metadata: {name: absent}
                        spec:
                          format: ONNX
                          source: {bucket: models, key: absent.onnx}
                          inputs: [{name: x, datatype: FP32, shape: [-1, 3]}]
                          outputs: [{name: "y", datatype: FP32, shape: [-1, 3]}]
                        """);
        Laptop laptop = new Laptop(dir.resolve("data"));

        Laptop.Run run = laptop.run("run", yaml.toString());

        assertThat(run.status()).as(run.output()).isEqualTo(1);
        List<String> said = run.output()
                .lines()
                .filter(line -> line.startsWith("tidemill: model/"))
                .toList();
        assertThat(said)
                .satisfiesExactly(
                        line -> assertThat(line).contains("absent", "there is no object s3://models/absent.onnx"),
                        line -> assertThat(line).contains("datatype", "SignatureMismatch", "FP32", "FP64", "correct"),
                        line -> assertThat(line).contains("digest", "DigestMismatch", "add_one.onnx has the SHA-256 "),
                        line -> assertThat(line).contains("format", "CorruptArtifact", "save it by torch.jit.save"),
                        line -> assertThat(line).contains("missing", "none.onnx", "is no file"),
                        line -> assertThat(line).contains("pickle", "PickleRefused", "torch.jit.script"),
                        line -> assertThat(line).contains("shape", "SignatureMismatch", "[-1, 3]", "[-1, 4]"));
        assertThat(laptop.condition("model", "digest", "Ready").path("reason").asText())
                .isEqualTo("DigestMismatch");
        JsonNode failure = laptop.status("model", "digest").path("lastFailure");
        assertThat(failure.path("location").asText()).isEqualTo("s3://models/a");
        assertThat(failure.path("reason").asText()).isEqualTo("DigestMismatch");
    }

    @Test
    void anArtifactThatIsReplacedIsServedAnewAndABrokenOneDoesNotTakeTheOldOneDown() throws Exception {
        Path artifact = dir.resolve("model.onnx");
        replace("add_one.onnx", artifact);
        String models = adder("adder", artifact, "ONNX", "", "FP32", 3)
                + adder("lost", dir.resolve("none.onnx"), "ONNX", "", "FP32", 3);
        Path yaml = Files.writeString(dir.resolve("m.yaml"), models);
        Laptop laptop = new Laptop(dir.resolve("data"));
        try (Laptop.Watching watching = laptop.watch(yaml)) {
            watching.await(() -> watching.said().contains("model/lost is not ready: model lost: " + dir));
            watching.await(() -> laptop.condition("model", "adder", "Ready")
                    .path("status")
                    .asText()
                    .equals("True"));
            String first = version(laptop);
            assertThat(answer(laptop)).isEqualTo("[2.0,3.0,4.0]");

            replace("digits.onnx", artifact);
            watching.await(
                    () -> laptop.status("model", "adder").path("lastFailure").has("reason"));
            assertThat(version(laptop)).isEqualTo(first);
            assertThat(answer(laptop)).isEqualTo("[2.0,3.0,4.0]");

            Files.write(artifact, twoInPlaceOfOne());
            watching.await(() -> !version(laptop).equals(first));
            assertThat(answer(laptop)).isEqualTo("[3.0,4.0,5.0]");
            assertThat(laptop.status("model", "adder").has("lastFailure")).isFalse();
        }
    }

    /** The graph's constant is a float of little-endian bytes. */
    private static byte[] twoInPlaceOfOne() throws IOException {
        byte[] graph = Files.readAllBytes(MODELS.resolve("add_one.onnx"));
        int found = 0;
        for (int i = 0; i + 3 < graph.length; i++) {
            if (graph[i] == 0 && graph[i + 1] == 0 && graph[i + 2] == (byte) 0x80 && graph[i + 3] == 0x3f) {
                graph[i + 2] = 0;
                graph[i + 3] = 0x40;
                found++;
            }
        }
        assertThat(found).isEqualTo(1);
        return graph;
    }

    private static void replace(String model, Path artifact) throws IOException {
        Files.copy(MODELS.resolve(model), artifact, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String version(Laptop laptop) throws IOException {
        return laptop.status("model", "adder").path("modelState").path("active").asText();
    }

    private static String answer(Laptop laptop) throws Exception {
        URI url = URI.create(laptop.status("model", "adder").path("url").asText() + "v2/models/adder/infer");
        String body = """
                {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}""";
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> reply = client.send(
                    HttpRequest.newBuilder(url)
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
            return new com.fasterxml.jackson.databind.ObjectMapper()
                    .readTree(reply.body())
                    .path("outputs")
                    .path(0)
                    .path("data")
                    .toString();
        }
    }
}
