package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

/** {@code orders.py} as a Lambda function that events of the namespace's broker call, from zero: it ships while there is stock. */
final class Orders implements AutoCloseable {

    private static final String TYPE = "test.order";
    private static final String PODS = "tidemill.dev/function=orders";

    private final Installation tidemill;
    private final Broker broker;

    Orders(Installation tidemill) throws Exception {
        this.tidemill = tidemill;
        stock("none");
        this.broker = tidemill.broker();
    }

    /** Where it answers in the cluster. */
    String url() {
        return tidemill.url("function/orders");
    }

    /** What no stock makes of an order, and what more stock and a new try do. */
    void assertFailureIsKeptAndSentAgain() throws Exception {
        Await.until(() -> tidemill.pods(PODS).isEmpty());
        place("order-1");
        var letters = new Letters(tidemill, "orders");
        var letter = letters.one();
        assertThat(letter.text("/event/id")).isEqualTo("order-1");
        assertThat(letter.text("/why")).contains("500", "LookupError", "order-1 is out of stock");
        stock("full");
        letters.redrive("1");
        awaitShipped("order-1");
        place("order-2");
        awaitShipped("order-2");
    }

    private void place(String order) throws Exception {
        broker.send(TYPE, order, "{\"order\": \"" + order + "\"}");
    }

    private void awaitShipped(String order) {
        Await.line(() -> tidemill.logs(PODS).filter(line -> line.contains("shipped " + order)));
    }

    private void stock(String level) throws Exception {
        tidemill.apply("""
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata: {name: orders}
                spec:
                  image: %s
                  runtime: Lambda
                  handler: orders.lambda_handler
                  env: [{name: STOCK, value: "%s"}]
                  events: [{name: placed, filter: {type: %s}}]
                """.formatted(tidemill.handlers(), level, TYPE));
        tidemill.ready("function/orders");
    }

    @Override
    public void close() {
        broker.close();
        tidemill.kubectl("delete", "function/orders", "--timeout=120s");
    }
}
