package dev.tidemill.local.broker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tidemill.dataflow.CloudEventReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;

/** The broker's address on loopback, for functions that send events: {@code POST /<namespace>/<broker>}, as on a cluster. */
public final class Ingress implements AutoCloseable {

    private static final int LARGEST = 1 << 20;

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
                broker.publish(path[0], path[1], CloudEventReader.read(headers(exchange), body));
                exchange.sendResponseHeaders(202, -1);
            } catch (IllegalArgumentException | IOException e) {
                answer(exchange, 400, String.valueOf(e.getMessage()));
            }
        }
    }

    private static Map<String, String> headers(HttpExchange exchange) {
        Map<String, String> headers = new HashMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
        return headers;
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
