package dev.tidemill.store;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * An HTTP endpoint on loopback whose every answer is decided by a function: a made-up one, none, half of one, or that of a real
 * store behind it. One request a connection, so that a broken one harms no other.
 */
public final class FaultyEndpoint implements AutoCloseable {

    /** What to do with a request. */
    public sealed interface Answer {

        /** Says this, without asking anybody. */
        record Say(int status, Map<String, String> headers, String body) implements Answer {}

        /** Announces the whole body and breaks the connection after some bytes of it. */
        record SayPart(int status, Map<String, String> headers, String body, int bytes) implements Answer {}

        /** Breaks the connection without an answer. */
        record Cut() implements Answer {}

        /** Lets the store behind answer. */
        record Forward(URI store) implements Answer {}

        /** Lets the store behind act, and loses its answer. */
        record ForwardAndCut(URI store) implements Answer {}

        static Answer error(int status, String code, String message) {
            return new Say(
                    status,
                    Map.of("Content-Type", "application/xml"),
                    "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>" + message
                            + "</Message></Error>");
        }

        static Answer ok(String body) {
            return new Say(200, Map.of("ETag", "\"e\"", "Content-Type", "application/xml"), body);
        }
    }

    /**
     * A request as it came.
     *
     * @param number counted from 1
     * @param target path and query
     * @param headers by lower-case name
     */
    public record Request(
            int number, String method, String target, Map<String, String> headers, byte[] body, byte[] raw) {}

    private static final int TLS_HANDSHAKE = 0x16;

    private final ServerSocket server;
    private final String scheme;
    private final Function<Request, Answer> script;
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    public FaultyEndpoint(Function<Request, Answer> script) throws IOException {
        this(new ServerSocket(0, 512, InetAddress.getLoopbackAddress()), "http", script);
    }

    /** Over a socket of one's own, as for TLS. */
    public FaultyEndpoint(ServerSocket server, String scheme, Function<Request, Answer> script) {
        this.server = server;
        this.scheme = scheme;
        this.script = script;
        Thread.ofVirtual().start(this::accept);
    }

    public URI uri() {
        return URI.create(scheme + "://localhost:" + server.getLocalPort());
    }

    /** What came so far. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            in.mark(1);
            if (in.read() == TLS_HANDSHAKE) {
                socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                return;
            }
            in.reset();
            String line = readLine(in);
            if (line.isEmpty()) {
                return;
            }
            StringBuilder head = new StringBuilder(line).append("\r\nConnection: close\r\n");
            Map<String, String> headers = new TreeMap<>();
            for (String h = readLine(in); !h.isEmpty(); h = readLine(in)) {
                int colon = h.indexOf(':');
                String name = h.substring(0, colon).toLowerCase(Locale.ROOT);
                headers.put(name, h.substring(colon + 1).strip());
                if (!name.equals("connection")) {
                    head.append(h).append("\r\n");
                }
            }
            byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
            ByteArrayOutputStream raw = new ByteArrayOutputStream();
            raw.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
            raw.writeBytes(body);
            String[] words = line.split(" ");
            Request request;
            synchronized (requests) {
                request = new Request(requests.size() + 1, words[0], words[1], headers, body, raw.toByteArray());
                requests.add(request);
            }
            answer(script.apply(request), request, socket.getOutputStream());
        } catch (IOException e) {
            return; // The client went away.
        }
    }

    private static void answer(Answer answer, Request request, OutputStream out) throws IOException {
        switch (answer) {
            case Answer.Say(int status, var headers, String body) -> {
                out.write(message(request, status, headers, body, Integer.MAX_VALUE));
                out.flush();
            }
            case Answer.SayPart(int status, var headers, String body, int bytes) -> {
                out.write(message(request, status, headers, body, bytes));
                out.flush();
            }
            case Answer.Cut() -> {}
            case Answer.Forward(URI store) -> {
                out.write(forward(store, request));
                out.flush();
            }
            case Answer.ForwardAndCut(URI store) -> forward(store, request);
        }
    }

    private static byte[] message(Request request, int status, Map<String, String> headers, String body, int bytes) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\nConnection: close\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Length: ").append(content.length).append("\r\n\r\n");
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(head.toString().getBytes(StandardCharsets.UTF_8));
        if (!request.method().equals("HEAD")) {
            message.write(content, 0, Math.min(bytes, content.length));
        }
        return message.toByteArray();
    }

    private static byte[] forward(URI store, Request request) throws IOException {
        try (Socket upstream = new Socket(store.getHost(), store.getPort())) {
            upstream.getOutputStream().write(request.raw());
            upstream.getOutputStream().flush();
            return upstream.getInputStream().readAllBytes();
        }
    }

    private static String readLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
