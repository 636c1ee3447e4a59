package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectClient.ReadOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * A function over HTTP that answers a shard with {@code {"<key>": "<content>"}} for each of its objects, and a group of such answers
 * with all of them in one: what comes out says which objects counted and how often, since a key that is met twice is kept as
 * {@code "<key>!"}. It refuses an object that says {@code poison} for good, and writes down the id of every call.
 */
final class CountingFunction implements AutoCloseable {

    static final String POISON = "poison";

    private final ObjectMapper json = new ObjectMapper();
    private final ObjectClient store;
    private final HttpServer server;
    private final List<String> calls = new CopyOnWriteArrayList<>();

    CountingFunction(ObjectClient store) throws IOException {
        this.store = store;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    /** The part ids that were asked for, in the order of the calls. */
    List<String> calls() {
        return List.copyOf(calls);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            calls.add(exchange.getRequestHeaders().getFirst("ce-id"));
            JsonNode data = json.readTree(exchange.getRequestBody().readAllBytes());
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.getResponseHeaders().set("ce-specversion", "1.0");
            exchange.getResponseHeaders().set("ce-id", "reply");
            exchange.getResponseHeaders().set("ce-source", "/counting");
            ObjectNode result = JsonNodeFactory.instance.objectNode();
            boolean fine = true;
            if (data.has("parts")) {
                for (JsonNode part : data.get("parts")) {
                    merge(result, part.has("dataref") ? read(part.get("dataref").asText()) : part);
                }
            } else {
                JsonNode binding = data.get("function_data").elements().next();
                for (JsonNode object : binding.get("objects")) {
                    String key = object.get("key").asText();
                    String content = text(binding.get("bucket").asText(), key);
                    fine &= !content.equals(POISON);
                    put(result, key, content);
                }
            }
            if (fine) {
                exchange.getResponseHeaders().set("ce-type", "test.result");
            } else {
                exchange.getResponseHeaders().set("ce-type", "dev.tidemill.failure");
                result = JsonNodeFactory.instance
                        .objectNode()
                        .put("reason", "Poison")
                        .put("message", "this cannot be read");
            }
            byte[] body = json.writeValueAsBytes(result);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static void merge(ObjectNode into, JsonNode part) {
        part.properties()
                .forEach(field -> put(into, field.getKey(), field.getValue().asText()));
    }

    private static void put(ObjectNode into, String key, String content) {
        into.put(into.has(key) ? key + "!" : key, content);
    }

    private JsonNode read(String address) throws IOException {
        return json.readTree(URI.create(address).toURL());
    }

    private String text(String bucket, String key) throws IOException {
        try (var body = store.get(bucket, key, ReadOptions.ALL)) {
            return new String(body.stream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
