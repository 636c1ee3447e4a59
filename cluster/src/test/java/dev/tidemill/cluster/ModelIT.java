package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The model of 06-model.yaml, asked by the Open Inference Protocol. */
@Order(2)
@OnCluster
@DisplayName("A model on a cluster")
class ModelIT {

    private static final String PODS = "tidemill.dev/model=digits";

    private final Installation tidemill;

    ModelIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @Test
    @Order(1)
    @DisplayName("A model becomes Ready, goes to zero, and knows a handwritten digit when it is asked from zero")
    void answersFromZero() throws Exception {
        serve(store("digits.pt", archive("")), 0);
        tidemill.ready("model/digits");
        Await.until(() -> tidemill.pods(PODS).isEmpty());
        var row = Digits.rows().getFirst();
        var answers = new Client(tidemill).ask(url(), Digits.question(row), 2);
        assertThat(answers)
                .hasSize(2)
                .allSatisfy(answer -> assertThat(Digits.label(answer)).isEqualTo(Digits.digit(row)));
        ColdStart.print("A model", answers, tidemill.logs(PODS));
        tidemill.kubectl("delete", "model/digits", "--timeout=120s");
    }

    @Test
    @Order(2)
    @DisplayName(
            "tritonclient and kserve's client, unmodified, wake it by REST and by gRPC through Knative's gateway, get scikit-learn's predictions, and learn of a model that is not there")
    void speaksToTheClientsThatPeopleUse() throws Exception {
        serve(store("digits.pt", archive("")), 0);
        tidemill.ready("model/digits");
        try (var gateway = tidemill.gateway("model-digits")) {
            for (var client : List.of("tritonclient", "kserve")) {
                var python = Python.with(client);
                Await.until(() -> tidemill.pods(PODS).isEmpty());
                assertThat(python.asks(gateway.address(), URI.create(url()).getHost()))
                        .contains(client + " agrees");
            }
        }
        tidemill.kubectl("delete", "model/digits", "--timeout=120s");
    }

    @Test
    @Order(3)
    @DisplayName(
            "Not one request fails while a part of them tries a new artifact, all go over to it, an object is replaced where it lies, and a broken one is named and gets none")
    void noRequestFailsWhileArtifactsComeAndGo() throws Exception {
        var first = store("first.pt", archive(""));
        var second = store("second.pt", archive("second"));
        serve(first, 0);
        tidemill.ready("model/digits");
        var row = Digits.rows().getFirst();
        try (var asking = new Client(tidemill).keepAsking(url(), Digits.question(row))) {
            Await.until(() -> asking.answers().size() > 20);
            assertThat(versions(asking.answers())).containsOnly(first.version());

            serve(second, 30);
            Await.until(() -> versions(asking.answers()).contains(second.version()));
            var tried = later(asking, 400);
            // By chance more than seven standard deviations off, else by design.
            assertThat(tried.stream().filter(second.version()::equals).count())
                    .as("answers of %d by the version that 30 of a hundred are to try", tried.size())
                    .isBetween(60L, 190L);
            assertThat(tried).containsOnly(first.version(), second.version());

            serve(second, 0);
            Await.until(() -> later(asking, 20).stream().allMatch(second.version()::equals));

            // Without a digest whatever lies there is meant, and is looked at when somebody says so.
            serve(first.withoutDigest(), 0);
            Await.until(() -> later(asking, 20).stream().allMatch(first.version()::equals));
            var third = store("first.pt", archive("third"));
            lookAgain();
            Await.until(() -> later(asking, 20).stream().allMatch(third.version()::equals));
            tidemill.ready("model/digits");

            // Last, for its pod stays, and a small node has no room for a third one.
            serve(store("broken.pt", "no archive".getBytes(StandardCharsets.UTF_8)), 0);
            Await.until(() -> status().at("/lastFailure/location").asText().endsWith("/broken.pt"));
            assertThat(status().at("/lastFailure/message").asText()).contains("is no TorchScript archive");
            assertThat(later(asking, 40)).containsOnly(third.version());

            var answers = asking.answers();
            System.out.printf("%d requests while artifacts came and went%n", answers.size());
            assertThat(answers)
                    .allSatisfy(answer -> assertThat(Digits.label(answer))
                            .as("the answer %s", answer)
                            .isEqualTo(Digits.digit(row)));
        }
        tidemill.kubectl("delete", "model/digits", "--timeout=120s");
    }

    @Test
    @Order(4)
    @DisplayName("A model whose object is replaced by rubbish, and then deleted, answers from zero as what it was")
    void answersWithoutItsObject() throws Exception {
        var artifact = store("first.pt", archive("")).withoutDigest();
        serve(artifact, 0);
        tidemill.ready("model/digits");
        var serving = "serving.knative.dev/revision="
                + status().at("/modelState/active").asText();
        store("first.pt", "no archive".getBytes(StandardCharsets.UTF_8));
        lookAgain();
        Await.until(() -> status().at("/lastFailure/message").asText().contains("is no TorchScript archive"));
        tidemill.store().mc("rm", "store/lake/" + artifact.key()).orFail();
        lookAgain();
        Await.until(() -> status().at("/lastFailure/reason").asText().equals("ArtifactMissing"));
        Await.until(() -> tidemill.pods(serving).isEmpty());
        var row = Digits.rows().getFirst();
        var answer = new Client(tidemill).ask(url(), Digits.question(row));
        assertThat(Digits.label(answer)).isEqualTo(Digits.digit(row));
        assertThat(Digits.version(answer)).isEqualTo(artifact.version());
        tidemill.ready("model/digits");
        tidemill.kubectl("delete", "model/digits", "--timeout=120s");
    }

    /** Does not wait for the store to tell of it. */
    private void lookAgain() {
        tidemill.kubectl("annotate", "--overwrite", "model/digits", "look=" + System.nanoTime());
    }

    /** An object with a model. */
    private record Stored(String key, String sha256, boolean digested) {

        /** As the server tells it. */
        String version() {
            return sha256.substring(0, 12);
        }

        /** The same, and whatever else comes to lie there. */
        Stored withoutDigest() {
            return new Stored(key, sha256, false);
        }

        String source() {
            return "{bucket: lake, key: %s%s}".formatted(key, digested ? ", sha256: \"" + sha256 + "\"" : "");
        }
    }

    /** The example's TorchScript with a comment at the archive's end: the same model, and other bytes. */
    private static byte[] archive(String comment) throws Exception {
        var zip = Files.readAllBytes(Path.of(Installation.example("models/digits.pt")));
        var longer = Arrays.copyOf(zip, zip.length + comment.length());
        System.arraycopy(comment.getBytes(StandardCharsets.US_ASCII), 0, longer, zip.length, comment.length());
        // The last field of a zip without one is the comment's length, of two bytes, the lower first (APPNOTE, 4.3.16).
        longer[zip.length - 2] = (byte) comment.length();
        return longer;
    }

    private Stored store(String name, byte[] artifact) throws Exception {
        var file = Files.createTempFile("artifact", ".pt");
        try {
            Files.write(file, artifact);
            tidemill.store()
                    .mc("cp", file.toString(), "store/lake/test-data/models/" + name)
                    .orFail();
        } finally {
            Files.delete(file);
        }
        var digest = MessageDigest.getInstance("SHA-256").digest(artifact);
        return new Stored("test-data/models/" + name, HexFormat.of().formatHex(digest), true);
    }

    private void serve(Stored artifact, int canaryPercent) {
        tidemill.apply("""
                apiVersion: tidemill.dev/v1alpha1
                kind: Model
                metadata: {name: digits}
                spec:
                  format: PyTorch
                  source: %s
                  canaryPercent: %d
                  inputs:
                  - {name: x, datatype: FP32, shape: [-1, 64]}
                  outputs:
                  - {name: probabilities, datatype: FP32, shape: [-1, 10]}
                  - {name: label, datatype: INT64, shape: [-1]}
                """.formatted(artifact.source(), canaryPercent));
    }

    private String url() {
        return tidemill.url("model/digits") + "/v2/models/digits/infer";
    }

    private JsonNode status() {
        return new Json(tidemill.kubectl("get", "model/digits", "-o", "jsonpath={.status}")).root();
    }

    private static List<String> versions(List<Client.Answer> answers) {
        return answers.stream().map(Digits::version).toList();
    }

    /** Who gives the next answers, and those on their way. */
    private static List<String> later(Client.Asking asking, int answers) {
        var from = asking.answers().size();
        Await.until(() -> asking.answers().size() >= from + answers);
        var all = asking.answers();
        return versions(all.subList(from, all.size()));
    }
}
