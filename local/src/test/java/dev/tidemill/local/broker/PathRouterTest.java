package dev.tidemill.local.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over real HTTP: an address with paths, and a function that tells what reached it. */
class PathRouterTest {

    private final HttpClient http = HttpClient.newHttpClient();
    private final PathRouter router = PathRouter.open(0);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final HttpServer function;

    PathRouterTest() throws Exception {
        function = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    @BeforeEach
    void start() {
        function.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        function.createContext("/", call -> {
            byte[] body = call.getRequestBody().readAllBytes();
            String told = "%s %s %s %s"
                    .formatted(
                            call.getRequestMethod(),
                            call.getRequestURI(),
                            call.getRequestHeaders().get("X-Many"),
                            new String(body, StandardCharsets.UTF_8));
            call.getResponseHeaders().add("Set-Cookie", "a=1");
            call.getResponseHeaders().add("Set-Cookie", "b=2");
            byte[] answer = told.getBytes(StandardCharsets.UTF_8);
            call.sendResponseHeaders(201, call.getRequestMethod().equals("HEAD") ? -1 : answer.length);
            if (!call.getRequestMethod().equals("HEAD")) {
                call.getResponseBody().write(answer);
            }
            call.close();
        });
        function.createContext("/slow", call -> {
            call.sendResponseHeaders(200, 0);
            call.getResponseBody().write("first".getBytes(StandardCharsets.UTF_8));
            call.getResponseBody().flush();
            try {
                goOn.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            call.close();
        });
        function.start();
    }

    @AfterEach
    void end() {
        goOn.countDown();
        router.close();
        function.stop(0);
    }

    @Test
    void aRequestArrivesAsItCameAndSoDoesItsAnswer() throws Exception {
        router.put("/mean", "mean", url());
        HttpResponse<String> answer = http.send(
                request("/mean/a%20b?x=%2F&y")
                        .header("X-Many", "one")
                        .header("X-Many", "two")
                        .PUT(HttpRequest.BodyPublishers.ofString("ü"))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.body()).isEqualTo("PUT /mean/a%20b?x=%2F&y [one, two] ü");
        assertThat(answer.headers().allValues("Set-Cookie")).containsExactly("a=1", "b=2");
        HttpResponse<String> head = http.send(request("/mean").HEAD().build(), BodyHandlers.ofString());
        assertThat(head.statusCode()).isEqualTo(201);
    }

    @Test
    void theLongestPathLeadsAndOnlyWholeSegmentsDo() throws Exception {
        try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI gone = URI.create("http://127.0.0.1:" + nobody.getLocalPort() + "/");
            nobody.close();
            router.put("/a", "down", gone);
            router.put("/a/b/", "up", url());
            assertThat(status("/a/b/c")).isEqualTo(201);
            assertThat(status("/a/b")).isEqualTo(201);
            assertThat(status("/a/bc")).as("the function of /a is down").isEqualTo(502);
            assertThat(status("/ab")).isEqualTo(404);
            assertThat(status("/")).isEqualTo(404);
            assertThat(router.put("/a/b", "other", url())).as("has it already").isEqualTo("up");
            assertThat(router.put("/c", "up", url())).isNull();
            assertThat(status("/a/b")).as("a function has one path").isEqualTo(502);
            router.remove("up");
            assertThat(status("/c")).isEqualTo(404);
        }
    }

    @Test
    void anAnswerPassesWhileTheFunctionStillWrites() throws Exception {
        router.put("/slow", "slow", url());
        var answer = http.send(request("/slow").build(), BodyHandlers.ofInputStream());
        try (var body = answer.body()) {
            assertThat(body.readNBytes(5)).asString().isEqualTo("first");
            goOn.countDown();
            assertThat(body.readAllBytes()).isEmpty();
        }
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + function.getAddress().getPort() + "/");
    }

    private int status(String path) throws Exception {
        return http.send(request(path).build(), BodyHandlers.ofString()).statusCode();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(router.address() + path));
    }
}
