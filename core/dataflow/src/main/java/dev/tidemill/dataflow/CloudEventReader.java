package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.EventExtensions;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.FunctionClient.Event;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A CloudEvent as it comes over HTTP: in binary mode, or in structured mode as JSON (HTTP Protocol Binding 1.0.2, 3.1 and 3.2). */
public final class CloudEventReader {

    private static final String STRUCTURED = "application/cloudevents+json";
    private static final String BINARY = "application/octet-stream";
    private static final String PREFIX = "ce-";

    /** Attributes that {@link Event} has places for, and data. */
    private static final Set<String> NAMED =
            Set.of("specversion", "id", "source", "type", "subject", "datacontenttype", "data", "data_base64");

    private CloudEventReader() {}

    /**
     * Reads one.
     *
     * @param headers by name, in any case
     * @throws IOException when it is none; the message says why
     */
    public static Event read(Map<String, String> headers, byte[] body) throws IOException {
        var byName = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        byName.putAll(headers);
        var contentType = byName.getOrDefault("Content-Type", BINARY);
        return contentType.startsWith(STRUCTURED)
                ? structured(Json.mapper().readTree(body))
                : binary(byName, contentType, body);
    }

    private static Event binary(Map<String, String> headers, String contentType, byte[] body) throws IOException {
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
        if (!event.isObject()) {
            throw new IOException("a structured event is a JSON object");
        }
        var attributes = new TreeMap<String, String>();
        event.properties().forEach(attribute -> {
            if (attribute.getValue().isValueNode() && !attribute.getValue().isNull()) {
                attributes.put(attribute.getKey(), attribute.getValue().asText());
            }
        });
        var contentType = attributes.getOrDefault("datacontenttype", "application/json");
        return event(attributes, contentType, data(event, contentType));
    }

    private static byte[] data(JsonNode event, String contentType) throws IOException {
        if (event.hasNonNull("data_base64")) {
            return event.get("data_base64").binaryValue();
        }
        var data = event.path("data");
        if (data.isMissingNode()) {
            return new byte[0];
        }
        // Where the type is not JSON's, a string is the data itself (JSON Event Format 1.0.2, 3.1.1).
        return data.isTextual() && !contentType.contains("json")
                ? data.asText().getBytes(StandardCharsets.UTF_8)
                : Json.bytes(data);
    }

    private static Event event(Map<String, String> attributes, String contentType, byte[] data) throws IOException {
        var version = required(attributes, "specversion");
        if (!version.equals("1.0")) {
            throw new IOException("specversion is " + version + ", must be 1.0");
        }
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
        var value = attributes.getOrDefault(name, "");
        if (value.isEmpty()) {
            throw new IOException("no CloudEvent: the attribute " + name + " is missing");
        }
        return value;
    }
}
