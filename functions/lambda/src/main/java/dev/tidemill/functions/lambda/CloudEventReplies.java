package dev.tidemill.functions.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.EventExtensions;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.Json;
import dev.tidemill.functions.lambda.event.Incoming;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers a CloudEvent with a CloudEvent, for Knative's Broker takes any other body for a failure. A handler that returns an event in
 * the JSON format chooses the type of its reply, and so who gets it next; any other result is an event of the type of its cause and
 * {@code .result}.
 */
final class CloudEventReplies implements Call.Answer {

    private static final ObjectMapper JSON = Json.mapper();
    private static final Set<String> REQUIRED = Set.of("specversion", "id", "source", "type");

    private final Caller caller;
    private final Incoming.CloudEvent cause;

    CloudEventReplies(Caller caller, Incoming.CloudEvent cause) {
        this.caller = caller;
        this.cause = cause;
    }

    @Override
    public void complete(Outcome outcome) {
        switch (outcome) {
            case Outcome.Failed failed -> caller.fail(failed);
            case Outcome.Result result -> caller.send(reply(result));
        }
    }

    private FullHttpResponse reply(Outcome.Result result) {
        Incoming.CloudEvent own = event(result);
        if (own != null) {
            return reply(own);
        }
        if (!isWork() && new String(result.body(), StandardCharsets.UTF_8).equals("null")) {
            return Responses.json(HttpResponseStatus.NO_CONTENT, "");
        }
        return reply(new Incoming.CloudEvent(
                cause.requestId().toString(),
                "tidemill/functions/" + caller.function(),
                cause.type() + ".result",
                cause.subject(),
                null,
                result.contentType(),
                java.util.Map.of(),
                result.body()));
    }

    private FullHttpResponse reply(Incoming.CloudEvent event) {
        FullHttpResponse response = Responses.of(
                HttpResponseStatus.OK,
                event.contentType() == null ? Responses.JSON : event.contentType(),
                event.data());
        header(response, "ce-specversion", "1.0");
        header(response, "ce-id", event.id());
        header(response, "ce-source", event.source());
        header(response, "ce-type", event.type());
        header(response, "ce-subject", event.subject());
        header(response, "ce-time", event.time());
        event.extensions().forEach((name, value) -> header(response, "ce-" + name, value));
        header(
                response,
                "ce-" + EventExtensions.TRACE_PARENT,
                cause.extensions().get(EventExtensions.TRACE_PARENT));
        header(response, "ce-" + EventExtensions.HOPS, Integer.toString(hops(cause) + 1));
        return response;
    }

    private static void header(FullHttpResponse response, String name, @Nullable String value) {
        if (value != null) {
            response.headers().set(name, encoded(value));
        }
    }

    /** What is neither printable ASCII nor harmless in a header is percent-encoded (HTTP protocol binding 1.0.2, section 3.1.3.2). */
    private static String encoded(String value) {
        StringBuilder encoded = new StringBuilder();
        value.codePoints().forEach(c -> {
            if (c > 0x20 && c < 0x7f && c != '"' && c != '%') {
                encoded.appendCodePoint(c);
            } else {
                encoded.append(c == ' ' ? "%20" : URLEncoder.encode(Character.toString(c), StandardCharsets.UTF_8));
            }
        });
        return encoded.toString();
    }

    /** The result as an event, if it is one. */
    private static Incoming.@Nullable CloudEvent event(Outcome.Result result) {
        if (!result.contentType().startsWith(Responses.JSON) || result.body().length == 0 || result.body()[0] != '{') {
            return null;
        }
        try {
            JsonNode json = JSON.readTree(result.body());
            return REQUIRED.stream().allMatch(json::hasNonNull) ? CloudEventRequests.structured(result.body()) : null;
        } catch (IOException | IllegalArgumentException noEvent) {
            return null;
        }
    }

    /** Whether the caller counts on a result, be it null. */
    private boolean isWork() {
        return cause.type().equals(EventTypes.SHARD) || cause.type().equals(EventTypes.COMBINE);
    }

    static boolean isLoop(Incoming.CloudEvent event) {
        return hops(event) >= EventExtensions.MOST_HOPS;
    }

    static Outcome.Failed loop(Incoming.CloudEvent event) {
        return Outcome.Failed.of(
                Outcome.Kind.REFUSED,
                "EventLoop",
                "event %s of type %s came through %d functions: it goes round in a loop"
                        .formatted(event.id(), event.type(), hops(event)));
    }

    private static int hops(Incoming.CloudEvent event) {
        String hops = event.extensions().getOrDefault(EventExtensions.HOPS, "0");
        return hops.matches("[0-9]{1,4}") ? Integer.parseInt(hops) : 0;
    }
}
