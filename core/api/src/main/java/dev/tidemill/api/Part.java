package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Base64;
import java.util.Locale;

/**
 * One result among those to be combined. In JSON a JSON result stands as it is, any other as {@code {"datacontenttype": …,
 * "data_base64": …}}, and a large one as {@code {"dataref": "http://…"}}: an address that a plain GET reads for
 * a while, without credentials.
 */
public sealed interface Part {

    /** The result itself. */
    record Body(String contentType, byte[] bytes) implements Part {}

    /** Where the result lies. */
    record Reference(String dataref) implements Part {}

    /**
     * The JSON of a part. A JSON result that looks like one of the two other forms is written in base64, so that nothing is mistaken.
     */
    @JsonValue
    default JsonNode json() {
        var nodes = JsonNodeFactory.instance;
        return switch (this) {
            case Reference reference -> nodes.objectNode().put("dataref", reference.dataref());
            case Body body -> {
                var plain = body.contentType().toLowerCase(Locale.ROOT).startsWith("application/json")
                        ? Json.tree(body.bytes())
                        : null;
                yield plain != null && !plain.has("dataref") && !plain.has("data_base64")
                        ? plain
                        : nodes.objectNode()
                                .put("datacontenttype", body.contentType())
                                .put("data_base64", Base64.getEncoder().encodeToString(body.bytes()));
            }
        };
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Part of(JsonNode json) {
        if (json.has("dataref")) {
            return new Reference(json.get("dataref").asText());
        }
        if (json.has("data_base64")) {
            return new Body(
                    json.path("datacontenttype").asText("application/octet-stream"),
                    Base64.getDecoder().decode(json.get("data_base64").asText()));
        }
        return new Body("application/json", Json.bytes(json));
    }
}
