package dev.tidemill.functions.lambda.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * An answer to a plain HTTP request.
 *
 * @param status of HTTP
 * @param headers in their order
 */
public record ApiGatewayReply(int status, List<Map.Entry<String, String>> headers, byte[] body) {

    /**
     * Reads what a handler returned. With a {@code statusCode} it is an answer in payload format 2.0; without one, it is the body of
     * a 200 itself, as API Gateway infers.
     *
     * @throws UnfitEventException if it names a status that HTTP does not have, or says Base64 and is not
     */
    public static ApiGatewayReply of(byte[] result) {
        JsonNode json = HandlerEvents.tree(result);
        if (!(json instanceof ObjectNode object) || !object.has("statusCode")) {
            byte[] body = json != null && json.isTextual() ? json.asText().getBytes(StandardCharsets.UTF_8) : result;
            return new ApiGatewayReply(200, List.of(Map.entry("content-type", "application/json")), body);
        }
        List<Map.Entry<String, String>> headers = headers(object);
        JsonNode body = object.path("body");
        byte[] bytes = body.isMissingNode() || body.isNull()
                ? new byte[0]
                : body.isTextual() ? decoded(object, body.asText()) : Json.bytes(body);
        return new ApiGatewayReply(status(object), headers, bytes);
    }

    /** The part before the body of a streamed answer: status, headers and cookies alone. */
    public static ApiGatewayReply prelude(byte[] prelude) {
        if (!(HandlerEvents.tree(prelude) instanceof ObjectNode object)) {
            throw new UnfitEventException("the first part of the streamed answer is no JSON object");
        }
        return new ApiGatewayReply(object.has("statusCode") ? status(object) : 200, headers(object), new byte[0]);
    }

    private static int status(ObjectNode object) {
        int status = object.path("statusCode").asInt();
        if (status < 200 || status > 599) {
            throw new UnfitEventException("the handler answered with statusCode " + object.path("statusCode"));
        }
        return status;
    }

    private static List<Map.Entry<String, String>> headers(ObjectNode object) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        object.path("headers")
                .properties()
                .forEach(header ->
                        headers.add(Map.entry(header.getKey(), header.getValue().asText())));
        object.path("multiValueHeaders")
                .properties()
                .forEach(header ->
                        header.getValue().forEach(value -> headers.add(Map.entry(header.getKey(), value.asText()))));
        object.path("cookies").forEach(cookie -> headers.add(Map.entry("set-cookie", cookie.asText())));
        return headers;
    }

    private static byte[] decoded(ObjectNode object, String body) {
        if (!object.path("isBase64Encoded").asBoolean()) {
            return body.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return Base64.getDecoder().decode(body);
        } catch (IllegalArgumentException e) {
            throw new UnfitEventException("the handler's body is said to be Base64 and is not: " + e.getMessage());
        }
    }
}
