package dev.tidemill.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** A JSON document of another program. */
record Json(JsonNode root) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    Json(String text) {
        this(parse(text));
    }

    private static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }

    /** The text at a JSON pointer, empty where there is none. */
    String text(String pointer) {
        return root.at(pointer).asText();
    }
}
