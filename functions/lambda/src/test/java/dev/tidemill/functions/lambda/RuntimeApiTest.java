package dev.tidemill.functions.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.FunctionSpec.EventFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The Runtime API by its words, with the runtime played by the test. */
class RuntimeApiTest {

    private static final String ERROR_BODY = Base64.getEncoder()
            .encodeToString("{\"errorType\":\"Half\",\"errorMessage\":\"way\"}".getBytes(StandardCharsets.UTF_8));

    private TestBridge bridge;

    @BeforeEach
    void start() throws Exception {
        bridge = TestBridge.withoutRuntime(EventFormat.Auto, Duration.ofSeconds(60));
    }

    @AfterEach
    void stop() {
        bridge.close();
    }

    @Test
    void anAnswerToARequestThatIsNotInProgressIsRefused() throws Exception {
        HttpResponse<String> answer = post("/2018-06-01/runtime/invocation/nobodys/response", "1");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("InvalidRequestID");
        assertThat(post("/2018-06-01/runtime/elsewhere", "").statusCode()).isEqualTo(404);
    }

    @Test
    void aRuntimeThatAsksAgainWithoutAnAnswerHasCrashed() throws Exception {
        CompletableFuture<HttpResponse<String>> caller = call("1");
        next().get();
        CompletableFuture<HttpResponse<String>> fresh = next();
        assertThat(caller.get().statusCode()).isEqualTo(502);
        assertThat(caller.get().body()).contains("Runtime.ExitError");
        CompletableFuture<HttpResponse<String>> second = call("2");
        answer(fresh.get(), "response", "2");
        assertThat(second.get().body()).isEqualTo("2");
    }

    /** One that found nobody would end, and its container with it. */
    @Test
    void aRuntimeThatIsThereBeforeTheBridgeWaitsForIt() throws Exception {
        bridge.close();
        List<ServerSocketChannel> open = ApiPorts.open(List.of(0));
        try (Socket early = new Socket("127.0.0.1", open.getFirst().socket().getLocalPort())) {
            early.getOutputStream()
                    .write("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            bridge = TestBridge.withoutRuntime(open);
            awaitHealth("\"free\":1");
        }
    }

    @Test
    void aRuntimeThatHungUpWhileItWaitedIsNotGivenAnEvent() throws Exception {
        try (Socket gone = raw("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n")) {
            awaitHealth("\"free\":1");
        }
        awaitHealth("\"free\":0");
        CompletableFuture<HttpResponse<String>> present = next();
        CompletableFuture<HttpResponse<String>> caller = call("1");
        answer(present.get(), "response", "\"here\"");
        assertThat(caller.get().body()).isEqualTo("\"here\"");
    }

    @Test
    void anInitErrorEndsEveryCallThatWaits() throws Exception {
        CompletableFuture<HttpResponse<String>> caller = call("1");
        awaitHealth("\"waiting\":1");
        HttpRequest.Builder error = HttpRequest.newBuilder(bridge.api("/2018-06-01/runtime/init/error"))
                .header("Lambda-Runtime-Function-Error-Type", "Runtime.NoSuchHandler")
                .POST(HttpRequest.BodyPublishers.ofString("not even JSON"));
        assertThat(bridge.send(error).statusCode()).isEqualTo(202);
        assertThat(caller.get().statusCode()).isEqualTo(503);
        assertThat(caller.get().body()).contains("Runtime.NoSuchHandler", "not even JSON");
        CompletableFuture<HttpResponse<String>> later = call("2");
        answer(next().get(), "response", "2");
        assertThat(later.get().body()).as("the container was started again").isEqualTo("2");
    }

    @Test
    void aStreamedAnswerReachesAnHttpCallerBeforeItIsWhole() throws Exception {
        try (Socket caller = new Socket("127.0.0.1", bridge.bridge.port())) {
            caller.getOutputStream().write("GET /page HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            HttpResponse<String> event = next().get();
            assertThat(event.body()).contains("\"rawPath\":\"/page\"");
            try (Socket runtime = streaming(id(event), "application/vnd.awslambda.http-integration-response")) {
                chunk(runtime, "{\"statusCode\":203,\"headers\":{\"X-Kind\":\"slow\"}}\0\0\0\0\0\0\0\0first ");
                String begun = until(caller.getInputStream(), "first ");
                assertThat(begun).startsWith("HTTP/1.1 203").contains("x-kind: slow");
                chunk(runtime, "second");
                runtime.getOutputStream().write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                assertThat(until(caller.getInputStream(), "0\r\n\r\n")).contains("second");
                assertThat(until(runtime.getInputStream(), "\r\n")).contains("202");
            }
        }
    }

    @Test
    void aStreamThatBreaksOffIsNotTakenForAWholeAnswer() throws Exception {
        try (Socket caller = new Socket("127.0.0.1", bridge.bridge.port())) {
            caller.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            try (Socket runtime = streaming(id(next().get()), "text/plain")) {
                chunk(runtime, "half");
                until(caller.getInputStream(), "half");
                trailers(runtime);
            }
            String rest = new String(caller.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(rest).as("no last chunk").doesNotContain("0\r\n\r\n");
        }
    }

    @Test
    void aStreamedAnswerToAnEventCountsOnlyWhenItIsWhole() throws Exception {
        CompletableFuture<HttpResponse<String>> caller = call("1");
        try (Socket runtime = streaming(id(next().get()), "application/octet-stream")) {
            chunk(runtime, "half");
            trailers(runtime);
        }
        assertThat(caller.get().statusCode()).isEqualTo(500);
        assertThat(caller.get().body()).isEqualTo("{\"errorType\":\"Half\",\"errorMessage\":\"way\"}");
    }

    @Test
    void extensionsRegisterAndAreToldOfInvocations() throws Exception {
        assertThat(bridge.send(HttpRequest.newBuilder(bridge.api("/2020-01-01/extension/event/next")))
                        .statusCode())
                .isEqualTo(403);
        HttpResponse<String> registered =
                post("/2020-01-01/extension/register", "{\"events\": [\"INVOKE\", \"SHUTDOWN\"]}");
        assertThat(registered.body()).contains("\"functionName\":\"tested\"");
        Optional<String> identifier = registered.headers().firstValue("Lambda-Extension-Identifier");
        HttpRequest.Builder poll = HttpRequest.newBuilder(bridge.api("/2020-01-01/extension/event/next"))
                .header("Lambda-Extension-Identifier", identifier.orElseThrow());
        CompletableFuture<HttpResponse<String>> told =
                TestBridge.HTTP.sendAsync(poll.build(), HttpResponse.BodyHandlers.ofString());
        CompletableFuture<HttpResponse<String>> caller = call("1");
        HttpResponse<String> event = next().get();
        assertThat(told.get().body()).contains("\"eventType\":\"INVOKE\"", id(event));
        answer(event, "response", "1");
        assertThat(caller.get().body()).isEqualTo("1");
        try (Socket end = raw("GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: x\r\n"
                + "Lambda-Extension-Identifier: " + identifier.orElseThrow() + "\r\n\r\n")) {
            bridge.close();
            assertThat(until(end.getInputStream(), "SHUTDOWN")).endsWith("SHUTDOWN");
        }
    }

    @Test
    void aResultThatIsSaidToBeJsonAndIsNotIsAnErrorAndOtherTypesPassAsTheyAre() throws Exception {
        CompletableFuture<HttpResponse<String>> caller = call("1");
        answer(next().get(), "response", "{\"half\":");
        assertThat(caller.get().statusCode()).isEqualTo(500);
        assertThat(caller.get().body()).contains("Runtime.InvalidResponse", "not JSON");
        CompletableFuture<HttpResponse<String>> bytes = call("2");
        HttpRequest.Builder answer = HttpRequest.newBuilder(
                        bridge.api("/2018-06-01/runtime/invocation/" + id(next().get()) + "/response"))
                .header("Content-Type", "text/csv")
                .POST(HttpRequest.BodyPublishers.ofString("a,b"));
        assertThat(bridge.send(answer).statusCode()).isEqualTo(202);
        assertThat(bytes.get().headers().firstValue("Content-Type")).contains("text/csv");
        assertThat(bytes.get().body()).isEqualTo("a,b");
    }

    @Test
    void tellsWhichRuntimeIsStuckForItsContainerToBeEnded() throws Exception {
        try (TestBridge two = TestBridge.withoutRuntimes(EventFormat.Auto, Duration.ofMillis(200), 2)) {
            int hangs = two.bridge.apiPorts().getFirst();
            int works = two.bridge.apiPorts().getLast();
            CompletableFuture<HttpResponse<String>> polled = TestBridge.HTTP.sendAsync(
                    HttpRequest.newBuilder(two.api("/2018-06-01/runtime/invocation/next"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> answer;
            do {
                answer = two.event("1", "t", "/s", Map.of());
            } while (!answer.body().contains("Sandbox.Timedout"));
            polled.get();
            assertThat(health(two, "runtime/" + hangs)).isEqualTo(503);
            assertThat(health(two, "runtime/" + works)).isEqualTo(200);
            assertThat(health(two, "ready")).as("the other one answers").isEqualTo(200);
        }
    }

    private static int health(TestBridge bridge, String whose) throws Exception {
        return bridge.send(HttpRequest.newBuilder(bridge.url("/_tidemill/health/" + whose)))
                .statusCode();
    }

    @Test
    void anEventThatGoesRoundInALoopIsRefusedForGood() throws Exception {
        HttpResponse<String> refused = bridge.send(HttpRequest.newBuilder(bridge.url("/"))
                .header("ce-specversion", "1.0")
                .header("ce-id", "1")
                .header("ce-type", "t")
                .header("ce-source", "/s")
                .header("ce-tidemillhops", "16")
                .POST(HttpRequest.BodyPublishers.ofString("{}")));
        assertThat(refused.headers().firstValue("Tidemill-Verdict")).contains("final");
        assertThat(refused.body()).contains("EventLoop");
    }

    private void awaitHealth(String state) throws Exception {
        Instant deadline = Instant.now().plusSeconds(60);
        String health;
        do {
            health = bridge.send(HttpRequest.newBuilder(bridge.url("/_tidemill/health/ready")))
                    .body();
        } while (!health.contains(state) && Instant.now().isBefore(deadline));
        assertThat(health).contains(state);
    }

    private CompletableFuture<HttpResponse<String>> next() {
        return TestBridge.HTTP.sendAsync(
                HttpRequest.newBuilder(bridge.api("/2018-06-01/runtime/invocation/next"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private CompletableFuture<HttpResponse<String>> call(String id) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return bridge.event(id, "t", "/s", Map.of());
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void answer(HttpResponse<String> event, String how, String body) throws Exception {
        assertThat(post("/2018-06-01/runtime/invocation/" + id(event) + "/" + how, body)
                        .statusCode())
                .isEqualTo(202);
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return bridge.send(HttpRequest.newBuilder(bridge.api(path)).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static String id(HttpResponse<String> event) {
        return event.headers().firstValue("Lambda-Runtime-Aws-Request-Id").orElseThrow();
    }

    private Socket raw(String request) throws IOException {
        Socket socket = new Socket("127.0.0.1", bridge.bridge.apiPorts().getFirst());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    private Socket streaming(String id, String contentType) throws IOException {
        return raw(String.join(
                "\r\n",
                List.of(
                        "POST /2018-06-01/runtime/invocation/" + id + "/response HTTP/1.1",
                        "Host: x",
                        "Content-Type: " + contentType,
                        "Lambda-Runtime-Function-Response-Mode: streaming",
                        "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
                        "Transfer-Encoding: chunked",
                        "",
                        "")));
    }

    private static void chunk(Socket to, String text) throws IOException {
        String size = Integer.toHexString(text.getBytes(StandardCharsets.UTF_8).length);
        to.getOutputStream().write((size + "\r\n" + text + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void trailers(Socket to) throws IOException {
        String end = "0\r\nLambda-Runtime-Function-Error-Type: Half\r\nLambda-Runtime-Function-Error-Body: "
                + ERROR_BODY + "\r\n\r\n";
        to.getOutputStream().write(end.getBytes(StandardCharsets.UTF_8));
        until(to.getInputStream(), "\r\n");
    }

    private static String until(InputStream in, String end) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            read.write(b);
            if (read.toString(StandardCharsets.UTF_8).endsWith(end)) {
                break;
            }
        }
        return read.toString(StandardCharsets.UTF_8);
    }
}
