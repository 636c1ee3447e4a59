package dev.tidemill.dataflow;

import java.time.Duration;

/** Has the materializer work on one Dataset for one slice. Safe for concurrent use. */
public interface Slices {

    /**
     * Sends one slice and waits for its end. Never throws for what the network did: that is an {@link Outcome}.
     *
     * @param patience after which the reply counts as lost
     */
    Outcome send(SliceRequest request, Duration patience) throws InterruptedException;

    /** How it ended. */
    sealed interface Outcome {
        /** The slice has ended. */
        record Replied(SliceReply reply) implements Outcome {}

        /** It surely did not begin. */
        record NotStarted(String message) implements Outcome {}

        /** Nobody knows whether it began or still goes on. */
        record Lost(String message) implements Outcome {}
    }
}
