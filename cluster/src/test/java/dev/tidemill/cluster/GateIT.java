package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Functions behind the gate, with the images of this build and tokens of the cluster. */
@Order(3)
@OnCluster
@DisplayName("The gate on a cluster")
class GateIT {

    private static final String WORK = """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: pipeline}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: gated-data}
            spec:
              generate: {rows: 100, columns: [{name: x, distribution: Uniform}], seed: 7, objects: 4}
              output: {bucket: lake, prefix: test-data/gated/}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Function
            metadata: {name: gated}
            spec:
              builtin: mean
              invokers: [{serviceAccount: pipeline}]
              maxConcurrency: 2
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: gated-average}
            spec:
              from: {dataset: gated-data, function: gated, combine: Tree}
              partition: {scale: 4}
            """;

    private final Installation tidemill;

    private final Client client;

    GateIT(Installation tidemill) {
        this.tidemill = tidemill;
        this.client = new Client(tidemill);
    }

    @BeforeAll
    void behindTheGate() {
        tidemill.install("--set", "images.gate=" + tidemill.image("gate"));
    }

    @AfterAll
    void open() {
        tidemill.install();
    }

    @Test
    @Order(1)
    @DisplayName(
            "The materializer's shards get through; a caller without a token gets 401, one that is not declared 403")
    void onlyWhoIsDeclaredGetsThrough() throws Exception {
        tidemill.apply(WORK);
        tidemill.ready("dataset/gated-average");
        assertThat(tidemill.dataset("gated-average").at("/status/result/count").asInt())
                .isEqualTo(100);
        var url = tidemill.url("function/gated");
        assertThat(client.ask(url, "{}").status()).isEqualTo(401);
        assertThat(client.askWith(token("default", "gated"), url, "{}").status())
                .isEqualTo(403);
        // The built-in function wants an event, which is its own affair: the gate has let the caller through.
        assertThat(client.askWith(token("pipeline", "gated"), url, "{}").status())
                .isNotIn(401, 403, 503);
        tidemill.kubectl("delete", "datasets,functions", "--all", "--timeout=180s");
    }

    @Test
    @Order(2)
    @DisplayName("An invoker's call wakes a Lambda handler behind the gate from zero")
    void answersFromZero() throws Exception {
        tidemill.apply("""
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata: {name: shop}
                spec:
                  image: %s
                  runtime: Lambda
                  handler: orders.lambda_handler
                  eventFormat: Data
                  env: [{name: STOCK, value: full}]
                  invokers: [{serviceAccount: pipeline}]
                """.formatted(tidemill.handlers()));
        tidemill.ready("function/shop");
        Await.until(() -> tidemill.pods("tidemill.dev/function=shop").isEmpty());
        var answers =
                client.askWith(token("pipeline", "shop"), tidemill.url("function/shop"), "{\"order\": \"one\"}", 2);
        assertThat(answers)
                .hasSize(2)
                .allSatisfy(answer -> assertThat(answer.body()).isEqualTo("{\"shipped\": \"one\"}"));
        ColdStart.print("A Lambda handler behind the gate", answers, tidemill.logs("tidemill.dev/function=shop"));
        tidemill.kubectl("delete", "function/shop", "--timeout=180s");
    }

    @Test
    @Order(3)
    @DisplayName(
            "A broker's events reach a Lambda handler through the gate and nobody else's do; its dead letter is sent again the same way")
    void deliveriesGetThrough() throws Exception {
        try (var orders = new Orders(tidemill)) {
            for (var path : List.of("/", "/_tidemill/deliver/" + "x".repeat(43) + "/", "/_tidemill/deliver//")) {
                assertThat(client.ask(orders.url() + path, "{\"order\": \"stolen\"}")
                                .status())
                        .as(path)
                        .isEqualTo(401);
            }
            orders.assertFailureIsKeptAndSentAgain();
        }
    }

    private String token(String account, String function) {
        return tidemill.kubectl(
                "create", "token", account, "--audience", "tidemill.dev/" + Installation.OURS + "/" + function);
    }
}
