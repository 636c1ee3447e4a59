package dev.tidemill.functions.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.Json;
import dev.tidemill.functions.lambda.event.Incoming;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads CloudEvents 1.0 by the HTTP protocol binding 1.0.2. */
final class CloudEventRequests {

    private static final ObjectMapper JSON = Json.mapper();
    private static final Set<String> DATA = Set.of("data", "data_base64", "datacontenttype");

    private CloudEventRequests() {}

    /** Section 3.1: attributes in headers, data in the body. */
    static Incoming.CloudEvent binary(HttpHeaders headers, byte[] body) {
        Map<String, String> attributes = new HashMap<>();
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (name.startsWith("ce-")) {
                attributes.put(name.substring(3), decoded(header.getValue()));
            }
        }
        return event(attributes, headers.get("Content-Type"), body);
    }

    /**
     * Section 3.2: all of it in JSON.
     *
     * @throws IllegalArgumentException naming what is wrong
     */
    static Incoming.CloudEvent structured(byte[] body) {
        JsonNode json;
        try {
            json = JSON.readTree(body);
        } catch (IOException e) {
            throw new IllegalArgumentException("a structured event is a JSON object: " + e.getMessage(), e);
        }
        if (!json.isObject()) {
            throw new IllegalArgumentException("a structured event is a JSON object");
        }
        Map<String, String> attributes = new HashMap<>();
        json.properties().forEach(field -> {
            if (field.getValue().isValueNode() && !field.getValue().isNull() && !DATA.contains(field.getKey())) {
                attributes.put(field.getKey(), field.getValue().asText());
            }
        });
        String contentType = json.path("datacontenttype").isTextual()
                ? json.path("datacontenttype").asText()
                : null;
        return event(attributes, contentType, data(json, contentType));
    }

    private static byte[] data(JsonNode json, @Nullable String contentType) {
        if (json.has("data_base64")) {
            return Base64.getDecoder().decode(json.path("data_base64").asText());
        }
        JsonNode data = json.path("data");
        if (data.isMissingNode()) {
            return new byte[0];
        }
        // Only where the type is not JSON's is a string the data itself (CloudEvents JSON format, section 3.1.1).
        boolean text = data.isTextual() && contentType != null && !contentType.contains("json");
        return text ? data.asText().getBytes(StandardCharsets.UTF_8) : Json.bytes(data);
    }

    private static Incoming.CloudEvent event(
            Map<String, String> attributes, @Nullable String contentType, byte[] data) {
        String version = required(attributes, "specversion");
        if (!version.equals("1.0")) {
            throw new IllegalArgumentException("specversion is " + version + ", must be 1.0");
        }
        return new Incoming.CloudEvent(
                required(attributes, "id"),
                required(attributes, "source"),
                required(attributes, "type"),
                attributes.remove("subject"),
                attributes.remove("time"),
                contentType,
                attributes,
                data);
    }

    private static String required(Map<String, String> attributes, String name) {
        String value = attributes.remove(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("no CloudEvent: the attribute " + name + " is missing");
        }
        return value;
    }

    /** Attributes are percent-encoded in headers; a plus is a plus there, and a stray percent sign one of its own. */
    private static String decoded(String header) {
        try {
            return header.indexOf('%') < 0
                    ? header
                    : URLDecoder.decode(header.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return header;
        }
    }
}
