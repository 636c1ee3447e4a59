package dev.tidemill.dataflow.internal.inventory;

import dev.tidemill.dataflow.internal.ledger.SegmentRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far an unfinished inventory is, kept in {@code run.json}.
 *
 * @param spec hash of what is listed; another one makes the checkpoint void, as does another base or run
 * @param after the last key that {@code written} holds
 */
public record Checkpoint(
        @Nullable String baseCommit,
        String run,
        String spec,
        String after,
        List<SegmentRef> written,
        long added,
        long changed,
        long removed) {

    public Checkpoint {
        written = List.copyOf(written);
    }
}
