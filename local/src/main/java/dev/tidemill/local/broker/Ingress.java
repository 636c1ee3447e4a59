package dev.tidemill.local.broker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tidemill.dataflow.FunctionClient.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The broker's address on loopback, for functions that send events: {@code POST /<namespace>/<broker>}, as on a cluster. */
public final class Ingress implements AutoCloseable {

    private static final int LARGEST = 1 << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Set<String> DATA = Set.of("data", "data_base64", "datacontenttype");

    private final HttpServer server;
    private final Broker broker;

    public Ingress(Broker broker) {
        this.broker = broker;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on loopback: " + e.getMessage(), e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::receive);
        server.start();
    }

    /** Where events for a broker go: a function's {@code K_SINK}. */
    public URI address(String namespace, String name) {
        return URI.create("http://%s:%d/%s/%s"
                .formatted(
                        InetAddress.getLoopbackAddress().getHostAddress(),
                        server.getAddress().getPort(),
                        namespace,
                        name));
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            String[] path = exchange.getRequestURI().getPath().substring(1).split("/", -1);
            if (!exchange.getRequestMethod().equals("POST") || path.length != 2) {
                answer(exchange, 404, "events go to POST /<namespace>/<broker>");
                return;
            }
            byte[] body = exchange.getRequestBody().readNBytes(LARGEST + 1);
            if (body.length > LARGEST) {
                answer(exchange, 413, "an event has at most 1 MiB; pass larger data by reference (dataref)");
                return;
            }
            try {
                broker.publish(path[0], path[1], event(exchange, body));
                exchange.sendResponseHeaders(202, -1);
            } catch (IllegalArgumentException | IOException e) {
                answer(exchange, 400, String.valueOf(e.getMessage()));
            }
        }
    }

    private static Event event(HttpExchange exchange, byte[] body) throws IOException {
        String contentType = exchange.getRequestHeaders().getFirst("Content-Type");
        return contentType != null && contentType.startsWith("application/cloudevents+json")
                ? structured(body)
                : binary(exchange, contentType, body);
    }

    /** The HTTP protocol binding of CloudEvents 1.0.2, section 3.1. */
    private static Event binary(HttpExchange exchange, @Nullable String contentType, byte[] body) {
        Map<String, String> attributes = new HashMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("ce-")) {
                attributes.put(lower.substring(3), decoded(values.getFirst()));
            }
        });
        return event(attributes, contentType == null ? "application/octet-stream" : contentType, body);
    }

    /** The JSON event format of CloudEvents 1.0.2, section 3. */
    private static Event structured(byte[] body) throws IOException {
        JsonNode json = JSON.readTree(body);
        if (!json.isObject()) {
            throw new IllegalArgumentException("a structured event is a JSON object");
        }
        Map<String, String> attributes = new HashMap<>();
        json.properties().forEach(field -> {
            if (field.getValue().isValueNode() && !DATA.contains(field.getKey())) {
                attributes.put(field.getKey(), field.getValue().asText());
            }
        });
        byte[] data = json.has("data_base64")
                ? Base64.getDecoder().decode(json.get("data_base64").asText())
                : json.has("data") ? JSON.writeValueAsBytes(json.get("data")) : new byte[0];
        return event(attributes, json.path("datacontenttype").asText("application/json"), data);
    }

    private static Event event(Map<String, String> attributes, String contentType, byte[] data) {
        String version = required(attributes, "specversion");
        if (!version.equals("1.0")) {
            throw new IllegalArgumentException("specversion is " + version + ", must be 1.0");
        }
        return new Event(
                required(attributes, "id"),
                required(attributes, "source"),
                required(attributes, "type"),
                attributes.remove("subject"),
                contentType,
                attributes,
                data);
    }

    private static String required(Map<String, String> attributes, String name) {
        String value = attributes.remove(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("no CloudEvent: the attribute " + name + " is missing");
        }
        return value;
    }

    /** Attributes are percent-encoded in headers; a plus is a plus there. */
    private static String decoded(String header) {
        return URLDecoder.decode(header.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static void answer(HttpExchange exchange, int status, String message) throws IOException {
        byte[] body = (message + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
