package dev.tidemill.functions.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unmodified Python handlers, driven by the client that AWS publishes: what they are given, and each way in which they go wrong. */
class PythonTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path ARTICLE = Path.of("../../k8s/examples/lambda");
    private static final Duration LONG = Duration.ofSeconds(60);

    @BeforeEach
    void installed() throws Exception {
        Client.PYTHON.need();
    }

    @Test
    void theArticlesHandlerRunsUnchangedByEventAndByDirectCall() throws Exception {
        try (TestBridge bridge = python("calculate_mean.lambda_handler", LONG, ARTICLE)) {
            HttpResponse<String> event =
                    bridge.event("1", "my_event", "aws.lambda", Map.of("functionName", "lambda_function"));
            assertThat(event.statusCode()).as(event.body()).isEqualTo(200);
            assertThat(event.headers().firstValue("ce-type")).contains("my_event.result");
            assertThat(Double.parseDouble(event.body())).isBetween(0.0, 1.0);
            HttpResponse<String> direct = bridge.invoke(Map.of());
            assertThat(direct.headers().firstValue("X-Amz-Function-Error")).isEmpty();
            assertThat(Double.parseDouble(direct.body())).isBetween(0.0, 1.0);
        }
    }

    @Test
    void whatTheArticleForgotToDefineReachesTheCallerAsLambdaReportsIt() throws Exception {
        try (TestBridge bridge = python("lambda_function.lambda_handler", LONG, ARTICLE)) {
            HttpResponse<String> direct = bridge.invoke(Map.of());
            assertThat(direct.statusCode()).isEqualTo(200);
            assertThat(direct.headers().firstValue("X-Amz-Function-Error")).contains("Unhandled");
            JsonNode error = JSON.readTree(direct.body());
            assertThat(error.path("errorType").asText()).isEqualTo("NameError");
            assertThat(error.path("errorMessage").asText()).isEqualTo("name 'calculate_mean' is not defined");
            assertThat(error.path("stackTrace").path(0).asText()).contains("lambda_function.py", "line 10");
            HttpResponse<String> event = bridge.event("1", "my_event", "aws.lambda", Map.of());
            assertThat(event.statusCode())
                    .as("worth another try, as with Lambda")
                    .isEqualTo(500);
            assertThat(event.body()).contains("NameError");
        }
    }

    @Test
    void theContextHasWhatLambdasHas() throws Exception {
        try (TestBridge bridge = python("handlers.context", LONG)) {
            HttpResponse<String> answer = bridge.send(HttpRequest.newBuilder(
                            bridge.url("/2015-03-31/functions/tested/invocations"))
                    .header(
                            "X-Amz-Client-Context",
                            Base64.getEncoder().encodeToString("{\"custom\": {\"who\": \"ü\"}}".getBytes("UTF-8")))
                    .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                    .POST(HttpRequest.BodyPublishers.noBody()));
            JsonNode context = JSON.readTree(answer.body());
            assertThat(UUID.fromString(context.path("request_id").asText())).isNotNull();
            assertThat(context.path("arn").asText())
                    .isEqualTo("arn:aws:lambda:eu-central-1:000000000000:function:tested");
            assertThat(context.path("name").asText()).isEqualTo("tested");
            assertThat(context.path("memory").asText()).isEqualTo("256");
            assertThat(context.path("remaining").asInt()).isBetween(1, 60_000);
            assertThat(context.path("client").path("who").asText()).isEqualTo("ü");
            assertThat(context.path("trace").asText())
                    .isEqualTo("Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1");
            String first = JSON.readTree(bridge.event("7", "t", "/s", Map.of()).body())
                    .path("request_id")
                    .asText();
            String again = JSON.readTree(bridge.event("7", "t", "/s", Map.of()).body())
                    .path("request_id")
                    .asText();
            assertThat(again)
                    .as("an event that is delivered again keeps its request id")
                    .isEqualTo(first);
        }
    }

    @Test
    void aHandlerThatIsNotThereOrDoesNotImportIsNamed() throws Exception {
        for (Map.Entry<String, String> broken : Map.of(
                        "handlers.missing", "Handler 'missing' missing on module 'handlers'",
                        "no_import.handler", "No module named 'nowhere_to_be_found'",
                        "index.lambda_handler", "No module named 'index'",
                        "bad_syntax.handler", "Syntax error in module 'bad_syntax'")
                .entrySet()) {
            try (TestBridge bridge = python(broken.getKey(), LONG)) {
                HttpResponse<String> event = bridge.event("1", "t", "/s", Map.of());
                assertThat(event.statusCode()).isIn(500, 503);
                assertThat(event.body()).contains(broken.getValue());
                assertThat(bridge.invoke(Map.of()).body()).as("and again").contains(broken.getValue());
            }
        }
    }

    @Test
    void aCrashIsReportedAndANewProcessTakesTheNextEvent() throws Exception {
        try (TestBridge bridge = python("handlers.crash_or_count", LONG)) {
            long first = pid(bridge.invoke(Map.of()));
            HttpResponse<String> crash = bridge.event("1", "t", "/s", Map.of("crash", 3));
            assertThat(crash.statusCode()).isEqualTo(502);
            assertThat(crash.body()).contains("Runtime.ExitError", "exit status 3");
            assertThat(pid(bridge.invoke(Map.of()))).isNotEqualTo(first);
        }
    }

    @Test
    void aHandlerThatNeverReturnsIsEndedWithWhatItForkedAndTheNextEventIsServed() throws Exception {
        try (TestBridge bridge = python("handlers.fork", Duration.ofSeconds(5))) {
            long child = forked(bridge);
            HttpResponse<String> late = bridge.event("1", "t", "/s", Map.of("seconds", 600));
            assertThat(late.statusCode()).isEqualTo(504);
            assertThat(late.body()).contains("Sandbox.Timedout", "Task timed out after 5.00 seconds");
            Optional<ProcessHandle> gone = ProcessHandle.of(child);
            if (gone.isPresent()) {
                gone.get().onExit().get(60, TimeUnit.SECONDS);
            }
            assertThat(forked(bridge)).isNotEqualTo(child);
        }
    }

    @Test
    void whatIsTooLargeIsRefusedForGoodOnTheWayInAndOnTheWayOut() throws Exception {
        try (TestBridge bridge = python("handlers.large", LONG)) {
            HttpResponse<String> out = bridge.event("1", "t", "/s", Map.of("bytes", 7_000_000));
            assertThat(out.statusCode()).isEqualTo(413);
            assertThat(out.headers().firstValue("Tidemill-Verdict")).contains("final");
            assertThat(out.body()).contains("Function.ResponseSizeTooLarge", "6291556");
            HttpResponse<String> in = bridge.event("2", "t", "/s", Map.of("bytes", 1, "x", "y".repeat(7_000_000)));
            assertThat(in.statusCode()).isEqualTo(413);
            assertThat(in.body()).contains("RequestSizeTooLarge");
            assertThat(bridge.invoke(Map.of("bytes", 6_000_000)).body()).hasSize(6_000_002);
        }
    }

    @Test
    void anAnswerThatIsNotJsonIsTheHandlersErrorAndMegabytesOfPrintsAreNone() throws Exception {
        try (TestBridge bridge = python("handlers.not_json", LONG)) {
            assertThat(bridge.invoke(Map.of()).body()).contains("Runtime.MarshalError");
        }
        try (TestBridge bridge = python("handlers.noisy", LONG)) {
            assertThat(bridge.invoke(Map.of("lines", 30_000)).body()).isEqualTo("\"done\"");
        }
    }

    @Test
    void severalProcessesTakeSeveralEventsAtATime(@TempDir Path place) throws Exception {
        try (TestBridge bridge = TestBridge.of(Client.PYTHON, "handlers.meet", LONG, 2);
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<String, Object> event = Map.of("place", place.toString(), "parties", 2);
            var one = callers.submit(() -> pid(bridge.invoke(event)));
            var other = callers.submit(() -> pid(bridge.invoke(event)));
            assertThat(one.get()).isNotEqualTo(other.get());
        }
    }

    @Test
    void aHandlerAnswersHttpAndEventsOfItsOwn() throws Exception {
        try (TestBridge bridge = python("handlers.web", LONG)) {
            HttpResponse<String> web = bridge.send(HttpRequest.newBuilder(bridge.url("/a%20b?x=1"))
                    .header("Content-Type", "text/plain")
                    .POST(HttpRequest.BodyPublishers.ofString("hello")));
            assertThat(web.statusCode()).isEqualTo(201);
            assertThat(web.headers().allValues("set-cookie")).containsExactly("a=1", "b=2");
            assertThat(web.headers().firstValue("x-path")).contains("/a b");
            assertThat(web.body()).isEqualTo("[\"POST\", \"hello\"]");
        }
        try (TestBridge bridge = python("handlers.chain", LONG)) {
            HttpResponse<String> reply = bridge.event("1", "first", "/s", Map.of("x", 1));
            assertThat(reply.headers().firstValue("ce-type")).contains("second");
            assertThat(reply.headers().firstValue("ce-source")).contains("/chain");
            assertThat(reply.body()).isEqualTo("{\"was\":{\"x\":1}}");
        }
    }

    private static TestBridge python(String handler, Duration timeout, Path... path)
            throws IOException, InterruptedException {
        return TestBridge.of(Client.PYTHON, handler, timeout, 1, path);
    }

    /** What the handler forked, once its process is up: it may take longer to start than a handler may take. */
    private static long forked(TestBridge bridge) throws Exception {
        Instant deadline = Instant.now().plusSeconds(60);
        JsonNode answer;
        do {
            answer = JSON.readTree(bridge.invoke(Map.of()).body());
        } while (!answer.has("child") && Instant.now().isBefore(deadline));
        assertThat(answer.has("child")).as(answer.toString()).isTrue();
        return answer.path("child").asLong();
    }

    private static long pid(HttpResponse<String> answer) throws Exception {
        long pid = JSON.readTree(answer.body()).path("pid").asLong();
        assertThat(pid).as(answer.body()).isPositive();
        return pid;
    }
}
