package com.example.wines;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** As much of S3 as reading needs: GET with If-Match. Every object has the ETag 1. */
public class StoreOnLoopback implements QuarkusTestResourceLifecycleManager {

    private static final Map<String, String> OBJECTS =
            Map.of("/lake/good.csv", "alcohol,hue\n14.23,1.04\n12.9,0.9\n", "/lake/bad.csv", "alcohol,hue\nstrong,1\n");

    private HttpServer server;

    @Override
    public Map<String, String> start() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::get);
        server.start();
        return Map.of(
                "AWS_ENDPOINT_URL_S3", "http://127.0.0.1:" + server.getAddress().getPort(),
                "AWS_ACCESS_KEY_ID", "key",
                "AWS_SECRET_ACCESS_KEY", "secret");
    }

    private void get(HttpExchange exchange) throws IOException {
        var wanted = exchange.getRequestHeaders().getFirst("If-Match").replace("\"", "");
        var text = OBJECTS.getOrDefault(exchange.getRequestURI().getPath(), "");
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("ETag", "\"1\"");
        exchange.sendResponseHeaders(wanted.equals("1") ? 200 : 412, wanted.equals("1") ? bytes.length : -1);
        if (wanted.equals("1")) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    @Override
    public void stop() {
        server.stop(0);
    }
}
