package dev.tidemill.functions.gate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.tidemill.api.EventPattern;
import dev.tidemill.api.Json;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.io.InputStream;

/** A delivery that is kept back until all of it is there, for a broker's filters do not look into data: is it one that the function asked for? */
final class Matching {

    /** Brokers take no larger events, by default. */
    static final int MOST = 1 << 20;

    private static final ObjectMapper JSON = Json.mapper();

    private final HttpRequest head;
    private final Verdict.Admitted admitted;
    private final ByteBuf body = Unpooled.buffer();

    Matching(HttpRequest head, Verdict.Admitted admitted) {
        this.head = head;
        this.admitted = admitted;
    }

    /** As it came. */
    HttpRequest head() {
        return head;
    }

    Verdict.Admitted admitted() {
        return admitted;
    }

    /** False when it is too large to be kept. */
    boolean add(HttpContent part) {
        if (body.readableBytes() + part.content().readableBytes() > MOST) {
            return false;
        }
        body.writeBytes(part.content());
        return true;
    }

    /** Whether its data has what {@code spec.events[].detail} asks for. */
    boolean holds() {
        var detail = admitted.detail();
        return detail == null || EventPattern.matches(detail, data());
    }

    /** All of the body, as one part. */
    LastHttpContent whole() {
        return new DefaultLastHttpContent(body);
    }

    /** Data that is no JSON has nothing that a pattern could ask for. */
    private JsonNode data() {
        try (InputStream in = new ByteBufInputStream(body.duplicate())) {
            var json = JSON.readTree(in);
            if (!admitted.request()
                    .headers()
                    .get(HttpHeaderNames.CONTENT_TYPE, "")
                    .startsWith("application/cloudevents")) {
                return json;
            }
            // Structured mode.
            var encoded = json.path("data_base64");
            return encoded.isTextual() ? JSON.readTree(encoded.binaryValue()) : json.path("data");
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }
}
