package dev.tidemill.functions.gate;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** A function that answers with what it got, and remembers it. */
final class EchoFunction implements AutoCloseable {

    final List<Got> got = new CopyOnWriteArrayList<>();
    final CountDownLatch goOn = new CountDownLatch(1);
    private final HttpServer server;

    record Got(String method, String uri, Headers headers, byte[] body) {}

    EchoFunction() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::echo);
        server.createContext("/stream", this::stream);
        server.createContext("/page", call -> {
            call.getResponseHeaders().add("Content-Security-Policy", "default-src 'self'");
            call.getResponseHeaders().add("Keep-Alive", "timeout=5");
            call.sendResponseHeaders(200, -1);
            call.close();
        });
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void echo(HttpExchange call) throws IOException {
        byte[] body = call.getRequestBody().readAllBytes();
        got.add(new Got(call.getRequestMethod(), call.getRequestURI().toString(), call.getRequestHeaders(), body));
        call.getResponseHeaders().add("X-Echo", "first");
        call.getResponseHeaders().add("X-Echo", "second");
        call.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        call.getResponseBody().write(body);
        call.close();
    }

    /** Writes the second part when the test has read the first. */
    private void stream(HttpExchange call) throws IOException {
        call.getRequestBody().readAllBytes();
        call.sendResponseHeaders(200, 0);
        call.getResponseBody().write("first\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        call.getResponseBody().flush();
        try {
            goOn.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        call.getResponseBody().write("second\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        call.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
