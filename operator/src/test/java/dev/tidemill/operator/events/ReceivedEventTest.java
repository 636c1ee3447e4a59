package dev.tidemill.operator.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReceivedEventTest {

    /** The headers with which Knative's in-memory channel came to a dead letter sink. */
    private static final Map<String, String> UNDELIVERED = Map.ofEntries(
            Map.entry("Ce-Id", "work-2"),
            Map.entry("Ce-Source", "/end-to-end"),
            Map.entry("Ce-Specversion", "1.0"),
            Map.entry("Ce-Subject", "a%20b%C3%BC"),
            Map.entry("Ce-Type", "test.work"),
            Map.entry("Ce-Knativearrivaltime", "2026-11-22T23:59:00.1Z"),
            Map.entry("Ce-Knativeerrorcode", "500"),
            Map.entry("Ce-Knativeerrordata", "bm90IGluIHRoaXMgbW9vZA=="),
            Map.entry("Ce-Knativeerrordest", "http://moody.tidemill-e2e.svc.cluster.local"),
            Map.entry("Content-Type", "application/json"),
            Map.entry("Prefer", "reply"),
            Map.entry("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

    @Test
    void readsTheBinaryModeWithWhateverElseABrokerAdds() throws IOException {
        var event = ReceivedEvent.of(UNDELIVERED, "{}".getBytes(UTF_8));
        assertThat(event.id()).isEqualTo("work-2");
        assertThat(event.type()).isEqualTo("test.work");
        assertThat(event.subject()).isEqualTo("a bü");
        assertThat(event.extensions())
                .containsEntry("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                .doesNotContainKeys("prefer", "id", "specversion");
    }

    @Test
    void aDeadLetterIsTheEventAsItWasSentAndWhatTheFunctionAnswered() throws IOException {
        var letter = ReceivedEvent.Undelivered.of(ReceivedEvent.of(UNDELIVERED, "{}".getBytes(UTF_8)));
        assertThat(letter.why()).isEqualTo("it answered 500: not in this mood");
        assertThat(letter.event().extensions()).containsOnlyKeys("knativearrivaltime", "traceparent");
    }

    @Test
    void dataInBase64OfTheStructuredModeIsDecoded() throws IOException {
        var json =
                "{\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"datacontenttype\":\"text/plain\",\"data_base64\":\"aGVsbG8=\"}";
        var event = ReceivedEvent.of(Map.of("content-type", "application/cloudevents+json"), json.getBytes(UTF_8));
        assertThat(new String(event.data(), UTF_8)).isEqualTo("hello");
        assertThat(event.contentType()).isEqualTo("text/plain");
    }

    @Test
    void whatIsNoEventIsRefused() {
        assertThatIOException()
                .isThrownBy(() -> ReceivedEvent.of(Map.of("ce-type", "t", "ce-id", "1"), new byte[0]))
                .withMessageContaining("source");
    }
}
