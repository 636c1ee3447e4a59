package dev.tidemill.dataflow;

import dev.tidemill.dataflow.SliceReply.State;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ends a slice before its run is done, and says why. Caught in one place, which makes the reply of it. */
final class Stop extends RuntimeException {

    final State state;
    final String reason;
    final @Nullable Instant retryAt;
    final List<Failure> failures;

    Stop(State state, String reason, String message, @Nullable Instant retryAt) {
        this(state, reason, message, retryAt, List.of());
    }

    Stop(State state, String reason, String message, @Nullable Instant retryAt, List<Failure> failures) {
        super(message, null, false, false);
        this.state = state;
        this.reason = reason;
        this.retryAt = retryAt;
        this.failures = failures;
    }

    /** The slice's time is up; nothing is wrong. */
    static Stop sliceOver(String where) {
        return new Stop(State.MORE, "InProgress", "the slice ended during " + where, null);
    }

    static Stop held(String reason, String message) {
        return new Stop(State.HELD, reason, message, null);
    }

    String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
