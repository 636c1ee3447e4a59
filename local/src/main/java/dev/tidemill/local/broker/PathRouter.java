package dev.tidemill.local.broker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tidemill.api.PathRoutes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One address for the functions of a namespace, each at its {@code spec.path} and below: the longest path that fits leads. A request
 * arrives there as it came, path and all.
 */
public final class PathRouter implements AutoCloseable {

    /** RFC 9110, section 7.6.1, and what the client sets by itself. */
    private static final Set<String> OF_ONE_HOP = Set.of(
            "connection",
            "content-length",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private record Route(String path, URI url) {}

    private final HttpServer server;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final Map<String, Route> routes = new ConcurrentHashMap<>();

    private PathRouter(HttpServer server) {
        this.server = server;
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::route);
        server.start();
    }

    /** @param port wanted, or 0 for any; another one if it is taken */
    public static PathRouter open(int port) {
        try {
            return new PathRouter(HttpServer.create(loopback(port), 0));
        } catch (IOException e) {
            if (port != 0) {
                return open(0);
            }
            throw new UncheckedIOException("cannot listen on loopback: " + e.getMessage(), e);
        }
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Without a path. */
    public URI address() {
        return URI.create("http://%s:%d"
                .formatted(
                        InetAddress.getLoopbackAddress().getHostAddress(),
                        server.getAddress().getPort()));
    }

    /**
     * Leads a path to a function, which has one at most.
     *
     * @return the other function that has this path, and then nothing is done; else null
     */
    public synchronized @Nullable String put(String path, String function, URI url) {
        String plain = PathRoutes.plain(path);
        Optional<String> other = routes.entrySet().stream()
                .filter(route -> route.getValue().path().equals(plain))
                .map(Map.Entry::getKey)
                .filter(name -> !name.equals(function))
                .findFirst();
        if (other.isEmpty()) {
            routes.put(function, new Route(plain, url));
        }
        return other.orElse(null);
    }

    public void remove(String function) {
        routes.remove(function);
    }

    private void route(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            Optional<Route> found = new PathRoutes<>(
                            routes.values().stream().collect(Collectors.toMap(Route::path, route -> route)))
                    .leading(path);
            if (found.isEmpty()) {
                answer(exchange, 404, "no function of this namespace has a spec.path that leads here");
                return;
            }
            try {
                pass(client.send(request(exchange, found.get()), BodyHandlers.ofInputStream()), exchange);
            } catch (IOException e) {
                answer(exchange, 502, "the function does not answer: its log says why");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static HttpRequest request(HttpExchange exchange, Route route) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                route.url().resolve(exchange.getRequestURI().toString()));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!OF_ONE_HOP.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        // Read before it is sent: a connection that was closed meanwhile can be replaced then.
        byte[] body = exchange.getRequestBody().readAllBytes();
        return request.method(
                        exchange.getRequestMethod(),
                        body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
                .build();
    }

    private static void pass(HttpResponse<InputStream> response, HttpExchange exchange) throws IOException {
        try (InputStream body = response.body()) {
            response.headers().map().forEach((name, values) -> {
                if (!OF_ONE_HOP.contains(name.toLowerCase(Locale.ROOT))) {
                    exchange.getResponseHeaders().put(name, values);
                }
            });
            boolean empty = exchange.getRequestMethod().equals("HEAD")
                    || response.statusCode() == 204
                    || response.statusCode() == 304
                    || response.headers().firstValueAsLong("content-length").orElse(-1) == 0;
            long length = response.headers().firstValueAsLong("content-length").orElse(0);
            exchange.sendResponseHeaders(response.statusCode(), empty ? -1 : length);
            if (!empty) {
                copy(body, exchange);
            }
        }
    }

    /** Each piece as soon as it is there, for a function may answer bit by bit. */
    private static void copy(InputStream body, HttpExchange exchange) throws IOException {
        byte[] buffer = new byte[64 << 10];
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
            exchange.getResponseBody().write(buffer, 0, n);
            exchange.getResponseBody().flush();
        }
    }

    private static void answer(HttpExchange exchange, int status, String message) throws IOException {
        byte[] body = (message + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        client.shutdownNow();
    }
}
