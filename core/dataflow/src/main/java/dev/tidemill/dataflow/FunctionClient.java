package dev.tidemill.dataflow;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sends one CloudEvent to one function and waits for its reply. Safe for concurrent use. */
public interface FunctionClient {

    /**
     * Sends a binary-mode CloudEvent over HTTP and waits. Never throws for what the function or the network did: that is a
     * {@link Reply}.
     */
    Reply call(URI function, Event event, Duration timeout) throws InterruptedException;

    /**
     * A CloudEvent 1.0.
     *
     * @param extensions further context attributes, {@code traceparent} among them
     */
    record Event(
            String id,
            String source,
            String type,
            @Nullable String subject,
            String contentType,
            Map<String, String> extensions,
            byte[] data) {

        /** The same event with these extensions in the place of its own. */
        public Event with(Map<String, String> others) {
            return new Event(id, source, type, subject, contentType, others, data);
        }
    }

    /** How a call ended. */
    sealed interface Reply {
        /** A 2xx answer; {@code type} is the reply's {@code ce-type} where it has one. At most 32 MiB. */
        record Result(@Nullable String type, String contentType, byte[] body) implements Reply {}

        /** The function itself refused this input for good: its own 4xx, or a reply of type {@code dev.tidemill.failure}. */
        record Final(Failure failure) implements Reply {}

        /**
         * Worth another try: connect errors, 408, 425, 429, 5xx, a 4xx of the infrastructure.
         *
         * @param status of HTTP; 0 when there was no connection, so that nothing was sent; -1 when it ended before the reply
         */
        record Transient(
                int status, String message, @Nullable Instant retryAfter) implements Reply {}

        /**
         * No reply within the timeout. The function may still be working: {@code released} completes when the connection ended
         * or the late reply came, and until then its permit is taken.
         */
        record TimedOut(Duration after, java.util.concurrent.CompletionStage<Void> released) implements Reply {}

        /** No pod can be had for now (its pods are unschedulable, say); waited for, and no attempt. */
        record NoCapacity(String message) implements Reply {}
    }
}
