package dev.tidemill.dataflow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.tidemill.dataflow.FunctionClient.Event;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CloudEventReaderTest {

    private static final Map<String, String> STRUCTURED =
            Map.of("content-type", "application/cloudevents+json; charset=utf-8");

    @Test
    void readsTheBinaryModeWithWhateverElseABrokerAdds() throws IOException {
        var event = CloudEventReader.read(
                Map.of(
                        "Ce-Id", "work-2",
                        "Ce-Source", "/end-to-end",
                        "Ce-Specversion", "1.0",
                        "Ce-Subject", "a%20b%C3%BC+100%",
                        "Ce-Type", "test.work",
                        "Ce-Knativearrivaltime", "2026-11-22T23:59:00.1Z",
                        "Content-Type", "text/plain",
                        "Prefer", "reply",
                        "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                "hello".getBytes(UTF_8));
        assertThat(event)
                .returns("work-2", Event::id)
                .returns("test.work", Event::type)
                .returns("a bü+100%", Event::subject)
                .returns("text/plain", Event::contentType);
        assertThat(event.data()).asString(UTF_8).isEqualTo("hello");
        assertThat(event.extensions())
                .containsEntry("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                .containsOnlyKeys("knativearrivaltime", "traceparent");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"datacontenttype\":\"text/plain\",\"data_base64\":\"aGVsbG8=\"|text/plain|hello",
                "\"datacontenttype\":\"text/plain\",\"data\":\"hello\"|text/plain|hello",
                "\"data\":\"hello\"|application/json|\"hello\"",
                "\"data\":{\"x\":1},\"subject\":null|application/json|{\"x\":1}",
                "\"dataref\":\"s3://b/k\"|application/json|``"
            })
    void readsTheDataOfTheStructuredMode(String json, String contentType, String data) throws IOException {
        var event = CloudEventReader.read(
                STRUCTURED,
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",%s}"
                        .formatted(json)
                        .getBytes(UTF_8));
        assertThat(event.contentType()).isEqualTo(contentType);
        assertThat(event.data()).asString(UTF_8).isEqualTo(data);
        assertThat(event.subject()).isNull();
    }

    @Test
    void whatIsNoEventIsRefused() {
        assertThatIOException()
                .isThrownBy(() -> CloudEventReader.read(
                        Map.of("ce-specversion", "1.0", "ce-type", "t", "ce-id", "1"), new byte[0]))
                .withMessage("no CloudEvent: the attribute source is missing");
        assertThatIOException()
                .isThrownBy(() -> CloudEventReader.read(
                        Map.of("ce-specversion", "0.3", "ce-type", "t", "ce-id", "1", "ce-source", "s"), new byte[0]))
                .withMessage("specversion is 0.3, must be 1.0");
        assertThatIOException()
                .isThrownBy(() -> CloudEventReader.read(STRUCTURED, "[]".getBytes(UTF_8)))
                .withMessage("a structured event is a JSON object");
        assertThatIOException().isThrownBy(() -> CloudEventReader.read(STRUCTURED, "{".getBytes(UTF_8)));
    }
}
