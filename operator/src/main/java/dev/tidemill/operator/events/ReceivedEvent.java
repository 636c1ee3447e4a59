package dev.tidemill.operator.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.EventExtensions;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.CloudEventHeaders;
import dev.tidemill.dataflow.FunctionClient.Event;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A CloudEvent as brokers deliver it: in binary mode, or in structured mode as JSON (HTTP Protocol Binding 1.0.2, 3.1 and 3.2). */
final class ReceivedEvent {

    private static final ObjectMapper JSON = Json.mapper();
    private static final String STRUCTURED = "application/cloudevents+json";
    private static final String BINARY = "application/octet-stream";
    private static final String PREFIX = "ce-";

    /** Attributes that {@link Event} has places for, and data. */
    private static final Set<String> NAMED =
            Set.of("specversion", "id", "source", "type", "subject", "datacontenttype", "data", "data_base64");

    private ReceivedEvent() {}

    /**
     * One that comes to a dead letter sink.
     *
     * @param event as it was sent
     * @param why the last answer, which Knative tells by three extensions
     */
    record Undelivered(Event event, String why) {

        private static final String CODE = "knativeerrorcode";
        private static final String DATA = "knativeerrordata";
        private static final String DESTINATION = "knativeerrordest";

        static Undelivered of(Event event) {
            var extensions = new TreeMap<>(event.extensions());
            var code = extensions.remove(CODE);
            var said = decoded(Objects.requireNonNullElse(extensions.remove(DATA), ""));
            extensions.remove(DESTINATION);
            return new Undelivered(
                    new Event(
                            event.id(),
                            event.source(),
                            event.type(),
                            event.subject(),
                            event.contentType(),
                            extensions,
                            event.data()),
                    "it answered " + Objects.requireNonNullElse(code, "nothing") + (said.isBlank() ? "" : ": " + said));
        }

        /** In Base64 by Knative's own channels, cut at 1,024 characters; brokers of others may send it as it is. */
        private static String decoded(String data) {
            try {
                return new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return data;
            }
        }
    }

    /**
     * Reads one.
     *
     * @param headers by name, in any case
     * @throws IOException when it is none; the message says why
     */
    static Event of(Map<String, String> headers, byte[] body) throws IOException {
        var attributes = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        attributes.putAll(headers);
        var contentType = attributes.getOrDefault("Content-Type", BINARY);
        return contentType.startsWith(STRUCTURED)
                ? structured(JSON.readTree(body))
                : binary(attributes, contentType, body);
    }

    private static Event binary(TreeMap<String, String> headers, String contentType, byte[] body) throws IOException {
        var attributes = new TreeMap<String, String>();
        headers.forEach((name, value) -> {
            if (name.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
                attributes.put(
                        name.substring(PREFIX.length()).toLowerCase(Locale.ROOT), CloudEventHeaders.decode(value));
            }
        });
        var traceparent = headers.get(EventExtensions.TRACE_PARENT);
        if (traceparent != null) {
            attributes.putIfAbsent(EventExtensions.TRACE_PARENT, traceparent);
        }
        return event(attributes, contentType, body);
    }

    private static Event structured(JsonNode event) throws IOException {
        var attributes = new TreeMap<String, String>();
        event.properties().forEach(attribute -> {
            if (attribute.getValue().isValueNode()) {
                attributes.put(attribute.getKey(), attribute.getValue().asText());
            }
        });
        var data = event.has("data_base64")
                ? event.get("data_base64").binaryValue()
                : event.has("data") ? JSON.writeValueAsBytes(event.get("data")) : new byte[0];
        return event(attributes, attributes.getOrDefault("datacontenttype", "application/json"), data);
    }

    private static Event event(Map<String, String> attributes, String contentType, byte[] data) throws IOException {
        var extensions = new TreeMap<>(attributes);
        extensions.keySet().removeAll(NAMED);
        return new Event(
                required(attributes, "id"),
                required(attributes, "source"),
                required(attributes, "type"),
                attributes.get("subject"),
                contentType,
                extensions,
                data);
    }

    private static String required(Map<String, String> attributes, String name) throws IOException {
        @Nullable String value = attributes.get(name);
        if (value == null || value.isEmpty()) {
            throw new IOException("a CloudEvent has the attribute " + name + ", and this has none");
        }
        return value;
    }
}
