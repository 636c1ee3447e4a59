package dev.tidemill.dataflow;

import dev.tidemill.dataflow.internal.ledger.Json;
import java.time.Duration;
import java.util.Set;

/** What the driver asks of the materializer: work on one Dataset for one slice. Serialises to JSON. */
public record SliceRequest(Task task, Turn turn) {

    /**
     * What is asked of this slice, as against the next one of the same Dataset.
     *
     * @param run the same for all slices of one run; a new one makes the materializer look at the input afresh
     * @param trace of what caused the run
     * @param share calls that may be in flight at once
     * @param sliceLimit no work is started after this time
     * @param changedKeys keys that events named; they narrow the listing when {@code fullListing} is false
     * @param takeOver the driver knows that whoever held the lease is gone
     */
    public record Turn(
            String run,
            Trace trace,
            int share,
            Duration sliceLimit,
            Set<String> changedKeys,
            boolean fullListing,
            boolean takeOver) {

        public Turn {
            changedKeys = Set.copyOf(changedKeys);
            if (share < 1) {
                throw new IllegalArgumentException("a slice needs a share of at least one call, not " + share);
            }
        }

        /** A look at everything. */
        public static Turn full(String run, Trace trace, int share, Duration sliceLimit) {
            return new Turn(run, trace, share, sliceLimit, Set.of(), true, false);
        }
    }

    /** The same, from a driver that knows that whoever held the lease is gone. */
    public SliceRequest takingOver() {
        return new SliceRequest(
                task,
                new Turn(turn.run, turn.trace, turn.share, turn.sliceLimit, turn.changedKeys, turn.fullListing, true));
    }

    public byte[] toJson() {
        return Json.bytes(this);
    }

    /** @throws IllegalArgumentException when it is not the JSON of one */
    public static SliceRequest fromJson(byte[] json) {
        return Json.parse(json, SliceRequest.class);
    }
}
