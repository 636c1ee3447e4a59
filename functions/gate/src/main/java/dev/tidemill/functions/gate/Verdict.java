package dev.tidemill.functions.gate;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What becomes of a request. */
sealed interface Verdict {

    /**
     * It goes to a function.
     *
     * @param request as the function sees it, but for its body
     * @param detail what the event's data must be like for the function to be called at all; null for any
     */
    record Admitted(
            HttpRequest request,
            FunctionConnections function,
            @Nullable Map<String, JsonNode> detail) implements Verdict {

        Admitted(HttpRequest request, FunctionConnections function) {
            this(request, function, null);
        }
    }

    /**
     * Nobody that is known: 401.
     *
     * @param error as RFC 6750 has it; empty where no credential was given at all
     */
    record Unauthenticated(String error, String why) implements Verdict {}

    /** Somebody that is known and may not: 403. */
    record Forbidden(String subject) implements Verdict {}

    /** A delivery of an event that this revision does not declare, as happens while one takes the other's place: 503. */
    record NoSuchEvent() implements Verdict {}

    /** The answer to a probe, where no function is asked. */
    record Ready() implements Verdict {}

    /** The answer to a probe: as soon as that function takes connections. */
    record Connecting(FunctionConnections function) implements Verdict {}

    /** No function answers there: 404. */
    record NoRoute() implements Verdict {}

    /** Nobody can be told from anybody, because the keys are out of reach: 503, and nothing passes. */
    record Unavailable(String why) implements Verdict {}
}
