package dev.tidemill.functions.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The clients of the other languages. What a runtime does wrong is the same in all of them, and shown with Python's. */
class OfficialClientsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @Test
    void javasGetsItsContextAndItsErrorsComeBack() throws Exception {
        Client.JAVA.need();
        try (TestBridge bridge = java("context")) {
            JsonNode context =
                    JSON.readTree(bridge.event("1", "t", "/s", Map.of("x", 1)).body());
            assertThat(context.path("event").path("x").asInt()).isEqualTo(1);
            assertThat(context.path("name").asText()).isEqualTo("tested");
            assertThat(context.path("arn").asText()).endsWith(":function:tested");
            assertThat(context.path("remaining").asLong()).isBetween(1L, TIMEOUT.toMillis());
        }
        try (TestBridge bridge = java("fails")) {
            JsonNode error = JSON.readTree(bridge.invoke(Map.of()).body());
            assertThat(error.path("errorType").asText()).isEqualTo("java.lang.IllegalStateException");
            assertThat(error.path("errorMessage").asText()).isEqualTo("no way");
            assertThat(error.path("stackTrace").path(0).asText()).contains("JavaHandlers.fails");
        }
        try (TestBridge bridge = java("missing")) {
            HttpResponse<String> answer = bridge.event("1", "t", "/s", Map.of());
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).contains("missing");
        }
    }

    @Test
    void javasHandlerForS3GetsTheKeysOfAStoresEvent() throws Exception {
        Client.JAVA.need();
        try (TestBridge bridge = java("keys")) {
            HttpResponse<String> answer = bridge.send(HttpRequest.newBuilder(bridge.url("/"))
                    .header("ce-specversion", "1.0")
                    .header("ce-id", "1")
                    .header("ce-type", "com.amazonaws.s3.ObjectCreated:Put")
                    .header("ce-source", "aws:s3.eu-central-1.lake")
                    .header("ce-subject", "a%20b+%C3%BC.csv")
                    .POST(HttpRequest.BodyPublishers.noBody()));
            assertThat(answer.body()).isEqualTo("[\"a b+ü.csv\"]");
        }
    }

    @Test
    void nodesAnswersFailsAndStreams() throws Exception {
        Client.NODE.need();
        try (TestBridge bridge = TestBridge.of(Client.NODE, "target/clients/node/handlers.context", TIMEOUT, 1)) {
            JsonNode context =
                    JSON.readTree(bridge.event("1", "t", "/s", Map.of("x", 1)).body());
            assertThat(context.path("event").path("x").asInt()).isEqualTo(1);
            assertThat(context.path("arn").asText()).endsWith(":function:tested");
        }
        try (TestBridge bridge = TestBridge.of(Client.NODE, "target/clients/node/handlers.fails", TIMEOUT, 1)) {
            JsonNode error = JSON.readTree(bridge.invoke(Map.of()).body());
            assertThat(error.path("errorType").asText()).isEqualTo("TypeError");
            assertThat(error.path("errorMessage").asText()).isEqualTo("no way");
        }
        try (TestBridge bridge = TestBridge.of(Client.NODE, "target/clients/node/handlers.streams", TIMEOUT, 1)) {
            HttpResponse<String> page = bridge.send(HttpRequest.newBuilder(bridge.url("/page")));
            assertThat(page.statusCode()).isEqualTo(203);
            assertThat(page.headers().firstValue("x-kind")).contains("stream");
            assertThat(page.headers().firstValue("transfer-encoding")).contains("chunked");
            assertThat(page.body()).isEqualTo("one two three");
            assertThat(bridge.send(HttpRequest.newBuilder(bridge.url("/page"))).body())
                    .isEqualTo("one two three");
        }
        try (TestBridge bridge = TestBridge.of(Client.NODE, "target/clients/node/handlers.breaksOff", TIMEOUT, 1)) {
            HttpResponse<String> event = bridge.event("1", "t", "/s", Map.of());
            assertThat(event.statusCode()).as(event.body()).isEqualTo(500);
            assertThat(event.body()).contains("half way");
        }
    }

    @Test
    void gosAnswersFailsAndStreams() throws Exception {
        Client.GO.need();
        try (TestBridge bridge = TestBridge.of(Client.GO, "handler", TIMEOUT, 1)) {
            JsonNode context = JSON.readTree(
                    bridge.event("1", "t", "/s", Map.of("mode", "context")).body());
            assertThat(context.path("arn").asText()).endsWith(":function:tested");
            assertThat(context.path("request").asText()).isNotEmpty();
            HttpResponse<String> error = bridge.event("1", "t", "/s", Map.of("mode", "fail"));
            assertThat(error.statusCode()).isEqualTo(500);
            assertThat(JSON.readTree(error.body()).path("errorMessage").asText())
                    .isEqualTo("no way");
            HttpResponse<String> stream = bridge.event("1", "t", "/s", Map.of("mode", "stream"));
            assertThat(stream.body()).isEqualTo("one two three");
            HttpResponse<String> broken = bridge.event("1", "t", "/s", Map.of("mode", "break"));
            assertThat(broken.statusCode()).as(broken.body()).isEqualTo(500);
            assertThat(broken.body()).contains("half way");
            HttpResponse<String> panic = bridge.event("1", "t", "/s", Map.of("mode", "panic"));
            assertThat(panic.statusCode())
                    .as("the error is posted before the process ends")
                    .isEqualTo(500);
            assertThat(panic.body()).contains("all is lost");
            assertThat(bridge.event("2", "t", "/s", Map.of("mode", "context")).statusCode())
                    .isEqualTo(200);
        }
    }

    private static TestBridge java(String method) throws IOException, InterruptedException {
        return TestBridge.of(Client.JAVA, JavaHandlers.class.getName() + "::" + method, TIMEOUT, 1);
    }
}
