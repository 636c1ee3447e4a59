package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What the gate's image does beside keeping strangers out: {@code spec.path} and {@code spec.events[].detail}. */
@Order(3)
@OnCluster
@DisplayName("Paths and details on a cluster")
class PathsIT {

    private static final String PODS = "tidemill.dev/function=picky";

    private final Installation tidemill;
    private final Client client;

    PathsIT(Installation tidemill) {
        this.tidemill = tidemill;
        this.client = new Client(tidemill);
    }

    @BeforeAll
    void behindTheGate() throws Exception {
        tidemill.install("--set", "images.gate=" + tidemill.image("gate"));
        tidemill.apply("""
                apiVersion: v1
                kind: ServiceAccount
                metadata: {name: pipeline}
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata: {name: picky}
                spec:
                  image: %s
                  runtime: Lambda
                  handler: orders.lambda_handler
                  eventFormat: Data
                  env: [{name: STOCK, value: full}]
                  path: /shop/orders
                  invokers: [{serviceAccount: pipeline}]
                  events: [{name: vip, filter: {type: test.vip}, detail: {customer: [{prefix: vip-}]}}]
                """.formatted(tidemill.handlers()));
        tidemill.ready("function/picky");
    }

    @AfterAll
    void open() {
        tidemill.kubectl("delete", "functions", "--all", "--timeout=180s");
        tidemill.install();
    }

    @Test
    @Order(1)
    @DisplayName("The namespace's router leads a path to its Function from zero, whose gate decides on the token")
    void aPathLeadsToItsFunction() throws Exception {
        var address = tidemill.kubectl(
                "get", "function/picky", "-o", "jsonpath={.status.conditions[?(@.type==\"Routed\")].message}");
        assertThat(address).endsWith("/shop/orders");
        var token = tidemill.kubectl(
                "create", "token", "pipeline", "--audience", "tidemill.dev/" + Installation.OURS + "/picky");
        assertThat(client.askWith(token, address, "{\"order\": \"by-path\"}").status())
                .isEqualTo(200);
        assertThat(client.ask(address, "{\"order\": \"stolen\"}").status()).isEqualTo(401);
        assertThat(client.askWith(token, address.replace("/orders", "/nowhere"), "{}")
                        .status())
                .isEqualTo(404);
        assertThat(tidemill.logs(PODS)).anyMatch(line -> line.contains("shipped by-path"));
    }

    @Test
    @Order(2)
    @DisplayName("Of events that a Trigger lets through the handler is called for those with the detail in their data")
    void onlyEventsWithTheDetailCallTheHandler() throws Exception {
        try (var broker = tidemill.broker()) {
            broker.send("test.vip", "1", "{\"order\": \"plain-order\", \"customer\": \"plain\"}");
            broker.send("test.vip", "2", "{\"order\": \"vip-order\", \"customer\": \"vip-7\"}");
            Await.line(() -> tidemill.logs(PODS).filter(line -> line.contains("shipped vip-order")));
            assertThat(tidemill.logs(PODS)).noneMatch(line -> line.contains("plain-order"));
        }
    }
}
