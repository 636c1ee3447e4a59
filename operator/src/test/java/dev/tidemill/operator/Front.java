package dev.tidemill.operator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.minio.Signer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;

/** Stands before a store and makes another one of it: it hands requests on, signed anew, but for what its mood changes. */
final class Front implements AutoCloseable {

    /** What the store behind it seems to be. */
    enum Mood {
        /** The store itself. */
        FAITHFUL,
        /** One that takes every write, whatever its condition. */
        IGNORES_CONDITIONS,
        /** MinIO while it starts: objects are served, its administration is not. */
        STARTING
    }

    private static final Set<String> NOT_HANDED_ON =
            Set.of("authorization", "host", "connection", "content-length", "transfer-encoding", "expect");
    private static final Set<String> CONDITIONS = Set.of("if-match", "if-none-match");

    private final HttpServer server;
    private final URI behind;
    private final OkHttpClient http = new OkHttpClient();
    private volatile Mood mood = Mood.FAITHFUL;

    Front(URI behind) throws IOException {
        this.behind = behind;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    void become(Mood changed) {
        mood = changed;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = exchange.getRequestBody().readAllBytes();
            var path = exchange.getRequestURI().toString();
            if (mood == Mood.STARTING && path.startsWith("/minio/admin/")) {
                var answer =
                        "{\"Code\":\"XMinioServerNotInitialized\",\"Message\":\"Server not initialized yet, please try again.\"}"
                                .getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(503, answer.length);
                exchange.getResponseBody().write(answer);
                return;
            }
            try (var response = http.newCall(request(exchange, path, body)).execute()) {
                response.headers().forEach(header -> {
                    if (!NOT_HANDED_ON.contains(header.getFirst().toLowerCase(Locale.ROOT))) {
                        exchange.getResponseHeaders().add(header.getFirst(), header.getSecond());
                    }
                });
                var answer = response.body().bytes();
                var head = exchange.getRequestMethod().equals("HEAD");
                exchange.sendResponseHeaders(response.code(), head || answer.length == 0 ? -1 : answer.length);
                if (!head) {
                    exchange.getResponseBody().write(answer);
                }
            } catch (GeneralSecurityException e) {
                throw new IOException(e);
            }
        }
    }

    private Request request(HttpExchange exchange, String path, byte[] body) throws GeneralSecurityException {
        var method = exchange.getRequestMethod();
        var hasBody = !Set.of("GET", "HEAD").contains(method);
        var request =
                new Request.Builder().url(behind + path).method(method, hasBody ? RequestBody.create(body) : null);
        exchange.getRequestHeaders().forEach((name, values) -> {
            var lower = name.toLowerCase(Locale.ROOT);
            var dropped = NOT_HANDED_ON.contains(lower)
                    || mood == Mood.IGNORES_CONDITIONS && method.equals("PUT") && CONDITIONS.contains(lower);
            for (var value : dropped ? List.<String>of() : values) {
                request.addHeader(name, value);
            }
        });
        request.header("Host", behind.getAuthority());
        var digest = Objects.requireNonNull(exchange.getRequestHeaders().getFirst("x-amz-content-sha256"));
        return Signer.signV4S3(
                request.build(), "us-east-1", RealMinio.ROOT.accessKey(), RealMinio.ROOT.secretKey(), digest);
    }

    @Override
    public void close() {
        server.stop(0);
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }
}
