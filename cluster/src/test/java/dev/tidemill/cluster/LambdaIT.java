package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** An AWS Lambda image, unmodified, beside the bridge. */
@Order(2)
@OnCluster
@DisplayName("A Lambda image on a cluster")
class LambdaIT {

    private static final Duration RECOVERY = Duration.ofMinutes(5);

    private final Installation tidemill;

    LambdaIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @Test
    @Order(1)
    @DisplayName(
            "k8s/examples/lambda/shard_mean.py averages 20 shards from zero, as the profile has it, with two processes a pod")
    void averagesShardsFromZero() throws Exception {
        try (var shards = new Shards(tidemill)) {
            var result = shards.combined(
                    "shard-mean", "image: " + tidemill.handlers() + ", handler: shard_mean.lambda_handler");
            assertThat(result.path("count").asInt()).isEqualTo(Shards.ROWS);
            assertThat(result.path("mean").asDouble())
                    .isCloseTo(shards.status().at("/columns/0/mean").asDouble(), Offset.offset(1e-9));
        }
    }

    @Test
    @Order(2)
    @DisplayName(
            "A Trigger calls a handler from zero; what it does not do lands in the dead letters with its error, and is sent again by kubectl annotate")
    void aFailureIsKeptAndSentAgain() throws Exception {
        try (var orders = new Orders(tidemill)) {
            orders.assertFailureIsKeptAndSentAgain();
        }
    }

    @Test
    @Order(3)
    @DisplayName(
            "A handler out of memory, and one that never returns, end in Lambda's answers, and the next call is served")
    void thePodRecovers() throws Exception {
        tidemill.apply("""
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata: {name: clumsy}
                spec:
                  image: %s
                  runtime: Lambda
                  handler: orders.lambda_handler
                  eventFormat: Data
                  env: [{name: STOCK, value: full}]
                  scale: {min: 1, max: 1}
                  maxConcurrency: 1
                  timeout: 30s
                  resources: {limits: {memory: 256Mi}}
                """.formatted(tidemill.handlers()));
        tidemill.ready("function/clumsy");
        assertServed();
        assertFails("hoard", 502, "Runtime.ExitError");
        assertServed();
        assertFails("hang", 504, "Sandbox.Timedout");
        assertServed();
        tidemill.kubectl("delete", "function/clumsy", "--timeout=120s");
    }

    private void assertFails(String what, int status, String type) throws Exception {
        var answer = ask("{\"do\": \"" + what + "\"}");
        assertThat(answer.status()).as("the answer %s", answer).isEqualTo(status);
        assertThat(new Json(answer.body()).text("/errorType")).isEqualTo(type);
    }

    /** As soon as there is a runtime again: whoever comes before is told to come back. */
    private void assertServed() throws Exception {
        var began = Instant.now();
        var answer = ask("{\"order\": \"one\"}");
        while (List.of(502, 503, 504).contains(answer.status())) {
            assertThat(Instant.now()).as("still %s", answer).isBefore(began.plus(RECOVERY));
            answer = ask("{\"order\": \"one\"}");
        }
        assertThat(answer.status()).as("the answer %s", answer).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"shipped\": \"one\"}");
    }

    private Client.Answer ask(String event) throws Exception {
        return new Client(tidemill).ask(tidemill.url("function/clumsy"), event);
    }
}
