package dev.tidemill.functions.lambda;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.Json;
import java.time.Duration;
import java.util.UUID;

/** How a call ended. */
sealed interface Outcome {

    /** The handler returned. */
    record Result(String contentType, byte[] body) implements Outcome {}

    /**
     * It did not.
     *
     * @param error as Lambda reports it: JSON with {@code errorType}, {@code errorMessage} and perhaps {@code stackTrace}
     */
    record Failed(Kind kind, byte[] error) implements Outcome {

        private static final ObjectMapper JSON = Json.mapper();

        static Failed of(Kind kind, String type, String message) {
            ObjectNode error = JSON.createObjectNode().put("errorType", type).put("errorMessage", message);
            return new Failed(kind, Json.bytes(error));
        }

        static Failed exited(UUID request, String how) {
            return of(
                    Kind.CRASHED,
                    "Runtime.ExitError",
                    "RequestId: %s Error: Runtime exited %s".formatted(request, how));
        }

        static Failed timedOut(UUID request, Duration after) {
            return of(
                    Kind.TIMED_OUT,
                    "Sandbox.Timedout",
                    "RequestId: %s Error: Task timed out after %.2f seconds"
                            .formatted(request, after.toMillis() / 1000.0));
        }

        static Failed tooLarge(String what, long size, int limit) {
            return of(
                    Kind.REFUSED,
                    what + "SizeTooLarge",
                    "%s payload size (%s bytes) exceeded maximum allowed payload size (%d bytes): pass it through the store"
                            .formatted(what, size < 0 ? "unknown" : Long.toString(size), limit));
        }
    }

    /**
     * Why there is no result, and what that means to the caller: {@code docs/reference/functions.md}.
     *
     * <p>An exception may be the store's hiccup, and Lambda itself tries an asynchronous call again whatever was thrown; so all but
     * the last are worth another try.
     */
    enum Kind {
        /** The handler threw. */
        HANDLER(500),
        /** The runtime's process ended in the middle of the call. */
        CRASHED(502),
        /** There is no runtime: it does not come up, or all are taken. */
        UNAVAILABLE(503),
        /** The handler took too long and was ended. */
        TIMED_OUT(504),
        /** This input or this answer can never pass. */
        REFUSED(413);

        private final int status;

        Kind(int status) {
            this.status = status;
        }

        int status() {
            return status;
        }
    }
}
