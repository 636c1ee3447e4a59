package dev.tidemill.operator;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.SliceReply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Stands where Knative's routes lead: a materializer that has always just committed, unless it is told otherwise, and brokers that keep what they get. */
public final class FakeDataPath implements AutoCloseable {

    /**
     * An event that a broker got.
     *
     * @param token that came with it, or empty
     */
    public record Delivery(String namespace, String type, String subject, JsonNode data, String token) {}

    private final HttpServer server;
    private final BlockingQueue<JsonNode> slices = new LinkedBlockingQueue<>();
    private final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
    private final Map<String, Long> revisions = new ConcurrentHashMap<>();
    private final Map<String, String> failing = new ConcurrentHashMap<>();

    public FakeDataPath() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/materializer", this::materialize);
        server.createContext("/broker/", this::deliver);
        server.start();
    }

    public URI address(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    public HttpServer server() {
        return server;
    }

    /** Slices of that Dataset, given as {@code namespace/name}, fail with that reason from now on. */
    void fails(String dataset, String reason) {
        failing.put(dataset, reason);
    }

    void mends(String dataset) {
        failing.remove(dataset);
    }

    /** The next slice that was asked for and fits. */
    public JsonNode awaitSlice(Predicate<JsonNode> wanted) throws InterruptedException {
        return await(slices, wanted, "slice");
    }

    /** The next event of that type that any broker got. */
    public Delivery awaitDelivery(String type) throws InterruptedException {
        return await(deliveries, delivery -> delivery.type.equals(type), "event of type " + type);
    }

    private static <T> T await(BlockingQueue<T> queue, Predicate<T> wanted, String what) throws InterruptedException {
        for (; ; ) {
            var next = queue.poll(TestCluster.PATIENCE, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("no such " + what + " in time");
            }
            if (wanted.test(next)) {
                return next;
            }
        }
    }

    private void materialize(HttpExchange exchange) throws IOException {
        var request = Json.mapper().readTree(exchange.getRequestBody());
        slices.add(request);
        var dataset = request.at("/task/dataset");
        var name =
                dataset.path("namespace").asText() + "/" + dataset.path("name").asText();
        var revision = revisions.merge(name, 1L, (before, _) -> before);
        var reason = failing.get(name);
        var reply = new SliceReply(
                reason == null ? SliceReply.State.DONE : SliceReply.State.FAILED,
                reason == null ? "Committed" : reason,
                reason == null ? "" : name + " failed by " + reason,
                new SliceReply.Items(1, 0, 1, 0),
                20,
                1_000,
                20L,
                revision,
                revision,
                "s3://tidemill/" + name + "/manifests/" + revision,
                null,
                null,
                null,
                List.of(),
                null);
        answer(exchange, reply.toJson());
    }

    private void deliver(HttpExchange exchange) throws IOException {
        var headers = exchange.getRequestHeaders();
        var data = Json.mapper().readTree(exchange.getRequestBody());
        deliveries.add(new Delivery(
                exchange.getRequestURI().getPath().substring("/broker/".length()),
                headers.getFirst("ce-type"),
                String.valueOf(headers.getFirst("ce-subject")),
                data,
                Objects.requireNonNullElse(headers.getFirst("Authorization"), "")
                        .replace("Bearer ", "")));
        answer(exchange, new byte[0]);
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
