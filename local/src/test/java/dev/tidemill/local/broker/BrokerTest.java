package dev.tidemill.local.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.dataflow.FunctionClient;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BrokerTest {

    private final BlockingQueue<Event> delivered = new LinkedBlockingQueue<>();
    private final BlockingQueue<Broker.DeadLetter> dead = new LinkedBlockingQueue<>();
    private Broker broker = brokerWith((_, event, _) -> {
        delivered.add(event);
        return new Reply.Result(null, "text/plain", new byte[0]);
    });

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void deliversToWhoWantsTheEventInItsNamespaceAndBrokerAndToNobodyElse() throws Exception {
        subscribe("wanted", Map.of("type", "a", "color", "red"));
        broker.publish("default", "other", event("a", Map.of("color", "red")));
        broker.publish("elsewhere", "default", event("a", Map.of("color", "red")));
        broker.publish("default", "default", event("a", Map.of("color", "blue")));
        Event wanted = event("a", Map.of("color", "red"));
        broker.publish("default", "default", wanted);
        assertThat(delivered.take()).isEqualTo(wanted);
        assertThat(delivered).isEmpty();
    }

    @Test
    void triesAgainUntilTheSubscriberTakesIt() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        broker = brokerWith((_, event, _) -> {
            if (calls.incrementAndGet() < 3) {
                return new Reply.Transient(503, "not yet", null);
            }
            delivered.add(event);
            return new Reply.Result(null, "text/plain", new byte[0]);
        });
        subscribe("slow", Map.of());
        broker.publish("default", "default", event("a", Map.of()));
        assertThat(delivered.take().id()).isEqualTo("1");
        assertThat(dead).isEmpty();
    }

    @Test
    void aRepliedEventIsPublishedAndALoopEndsAfterSixteenFunctions() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        broker = brokerWith((_, event, _) -> {
            calls.incrementAndGet();
            return new Reply.Result("a", "text/plain", event.data());
        });
        subscribe("echo", Map.of("type", "a"));
        broker.publish("default", "default", event("a", Map.of()));
        assertThat(dead.take().why()).contains("loop");
        assertThat(calls).hasValue(Broker.HOPS + 1);
    }

    @Test
    void theIngressReadsBinaryAndStructuredEventsAndSaysWhatIsMissing() throws Exception {
        subscribe("all", Map.of());
        try (Ingress ingress = new Ingress(broker);
                HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(ingress.address("default", "default"))
                    .header("ce-specversion", "1.0")
                    .header("ce-id", "7")
                    .header("ce-source", "/me")
                    .header("ce-subject", "a%20b+c")
                    .header("Content-Type", "text/plain")
                    .POST(HttpRequest.BodyPublishers.ofString("hello"));
            assertThat(http.send(request.build(), HttpResponse.BodyHandlers.ofString()))
                    .returns(400, HttpResponse::statusCode)
                    .returns("no CloudEvent: the attribute type is missing\n", HttpResponse::body);

            request.header("ce-type", "t");
            assertThat(http.send(request.build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(202);
            assertThat(delivered.take())
                    .returns("a b+c", Event::subject)
                    .returns("hello", event -> new String(event.data(), StandardCharsets.UTF_8));

            String structured =
                    "{\"specversion\":\"1.0\",\"id\":\"8\",\"source\":\"/me\",\"type\":\"t\",\"dataref\":\"s3://b/k\",\"data\":{\"x\":1}}";
            HttpRequest json = HttpRequest.newBuilder(ingress.address("default", "default"))
                    .header("Content-Type", "application/cloudevents+json; charset=utf-8")
                    .POST(HttpRequest.BodyPublishers.ofString(structured))
                    .build();
            assertThat(http.send(json, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(202);
            assertThat(delivered.take())
                    .returns(Map.of("dataref", "s3://b/k"), Event::extensions)
                    .returns("{\"x\":1}", event -> new String(event.data(), StandardCharsets.UTF_8));
        }
    }

    private Broker brokerWith(FunctionClient client) {
        return new Broker(client, dead::add, (_, _) -> {});
    }

    private void subscribe(String name, Map<String, String> filter) {
        broker.subscribe(new Subscription(
                name,
                "default",
                "default",
                filter,
                List.of(),
                Map.of(),
                () -> URI.create("http://localhost/" + name),
                Duration.ofSeconds(5)));
    }

    private static Event event(String type, Map<String, String> extensions) {
        return new Event("1", "/test", type, null, "text/plain", extensions, new byte[0]);
    }
}
