import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * A function that does nothing, and a plain client that calls it: what a thousand calls cost without Tidemill.
 *
 * <pre>
 * java TrivialFunction.java serve FILE                       writes its port to FILE
 * java TrivialFunction.java call URL CALLS AT_ONCE ROUNDS    prints the milliseconds of each round
 * </pre>
 */
class TrivialFunction {

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "serve" -> serve(Path.of(args[1]));
            case "call" ->
                call(
                        URI.create(args[1]),
                        Integer.parseInt(args[2]),
                        Integer.parseInt(args[3]),
                        Integer.parseInt(args[4]));
            default -> throw new IllegalArgumentException("serve or call, not " + args[0]);
        }
    }

    private static void serve(Path portFile) throws Exception {
        // Otherwise a reply waits 40 ms for the acknowledgement of its head.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
        byte[] reply = "{}\n".getBytes(StandardCharsets.UTF_8);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, reply.length);
            exchange.getResponseBody().write(reply);
            exchange.close();
        });
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        Path written = Files.writeString(
                portFile.resolveSibling(portFile.getFileName() + ".new"),
                Integer.toString(server.getAddress().getPort()));
        Files.move(written, portFile);
    }

    private static void call(URI url, int calls, int atOnce, int rounds) throws Exception {
        byte[] body = new byte[600];
        Arrays.fill(body, (byte) ' ');
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (int round = 0; round < rounds; round++) {
                long start = System.nanoTime();
                var permits = new Semaphore(atOnce);
                try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                    for (int i = 0; i < calls; i++) {
                        permits.acquire();
                        threads.submit(() -> {
                            try {
                                return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
                            } finally {
                                permits.release();
                            }
                        });
                    }
                }
                System.out.println((System.nanoTime() - start) / 1_000_000);
            }
        }
    }
}
