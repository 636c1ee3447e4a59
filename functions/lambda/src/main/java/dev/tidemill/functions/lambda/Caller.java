package dev.tidemill.functions.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.Json;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;

/** Whoever sent a request, and what can be said to them. */
final class Caller {

    /** As AWS' Invoke marks an answer that is an error. */
    static final String FUNCTION_ERROR = "X-Amz-Function-Error";

    private static final ObjectMapper JSON = Json.mapper();

    private final ChannelHandlerContext connection;
    private final boolean keepAlive;
    private final Settings settings;

    Caller(ChannelHandlerContext connection, boolean keepAlive, Settings settings) {
        this.connection = connection;
        this.keepAlive = keepAlive;
        this.settings = settings;
    }

    ChannelHandlerContext connection() {
        return connection;
    }

    boolean keepAlive() {
        return keepAlive;
    }

    String function() {
        return settings.function();
    }

    void send(FullHttpResponse response) {
        Responses.send(connection, response, keepAlive);
    }

    void status(HttpResponseStatus status) {
        send(Responses.json(status, ""));
    }

    void health(Pool.Health health) {
        send(Responses.of(
                health.ready() ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE,
                Responses.JSON,
                Json.bytes(health)));
    }

    void badRequest(String why) {
        refuse(HttpResponseStatus.BAD_REQUEST, Outcome.Failed.of(Outcome.Kind.REFUSED, "BadRequest", why));
    }

    /** A final failure by DESIGN's rules: with our header, a 4xx is not taken for a proxy's word. */
    void refuse(Outcome.Failed why) {
        refuse(HttpResponseStatus.valueOf(why.kind().status()), why);
    }

    private void refuse(HttpResponseStatus status, Outcome.Failed why) {
        ObjectNode error = error(why);
        error.put("reason", error.path("errorType").asText());
        error.put("message", error.path("errorMessage").asText());
        FullHttpResponse response = Responses.of(status, Responses.JSON, Json.bytes(error));
        response.headers().set("Tidemill-Verdict", "final");
        hardened(response);
        send(response);
    }

    /** The error as Lambda's, with the status by which a caller knows whether to try again. */
    void fail(Outcome.Failed why) {
        if (why.kind() == Outcome.Kind.REFUSED) {
            refuse(why);
            return;
        }
        FullHttpResponse response =
                Responses.of(HttpResponseStatus.valueOf(why.kind().status()), Responses.JSON, why.error());
        response.headers().set(FUNCTION_ERROR, "Unhandled");
        hardened(response);
        send(response);
    }

    static ObjectNode error(Outcome.Failed why) {
        try {
            JsonNode json = JSON.readTree(why.error());
            return json instanceof ObjectNode object
                    ? object
                    : JSON.createObjectNode().set("errorMessage", json);
        } catch (IOException e) {
            return JSON.createObjectNode()
                    .put("errorMessage", new String(why.error(), java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    /** A browser takes our own words for nothing but JSON. */
    static void hardened(FullHttpResponse response) {
        response.headers().set("X-Content-Type-Options", "nosniff");
        response.headers().set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }
}
