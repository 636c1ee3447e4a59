package dev.tidemill.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code run.json}: who works on a Dataset now, and how far it is. Replaced conditionally; losing it costs time, never a result.
 * All times are the store's, in milliseconds.
 *
 * @param holder the slice that holds the lease, or null
 * @param leaseUntil when the lease ends by itself: slice limit and function timeout after its start
 * @param run the run that the counters are of
 * @param checkpoint how far an unfinished inventory is; known to the materializer only
 * @param held a removal that waits for a second listing, or null
 * @param sweptUntil garbage listed before this time by {@code sweptCommit} is gone
 * @param settled a plan that ended without a commit, because too much failed
 */
public record RunState(
        int version,
        @Nullable String holder,
        long leaseUntil,
        String run,
        long heartbeat,
        long total,
        long succeeded,
        long failed,
        @Nullable JsonNode checkpoint,
        @Nullable HeldRemoval held,
        @Nullable String sweptCommit,
        long sweptUntil,
        @Nullable String settled) {

    public static final int VERSION = 1;

    /** A listing that lost too much to be believed at once. */
    public record HeldRemoval(String baseCommit, long since, long removed) {}

    /** Of a Dataset that never ran. */
    public static RunState initial() {
        return new RunState(VERSION, null, 0, "", 0, 0, 0, 0, null, null, null, 0, null);
    }

    public RunState withLease(@Nullable String newHolder, long until, String newRun, long now) {
        return changed(draft -> {
            draft.holder = newHolder;
            draft.leaseUntil = until;
            draft.run = newRun;
            draft.heartbeat = now;
        });
    }

    public RunState withProgress(long newTotal, long newSucceeded, long newFailed, long now) {
        return changed(draft -> {
            draft.total = newTotal;
            draft.succeeded = newSucceeded;
            draft.failed = newFailed;
            draft.heartbeat = now;
        });
    }

    public RunState withCheckpoint(@Nullable JsonNode newCheckpoint, long now) {
        return changed(draft -> {
            draft.checkpoint = newCheckpoint;
            draft.heartbeat = now;
        });
    }

    public RunState withHeld(@Nullable HeldRemoval newHeld) {
        return changed(draft -> draft.held = newHeld);
    }

    public RunState withSwept(String commit, long until) {
        return changed(draft -> {
            draft.sweptCommit = commit;
            draft.sweptUntil = until;
        });
    }

    public RunState withSettled(@Nullable String plan) {
        return changed(draft -> draft.settled = plan);
    }

    private RunState changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.state();
    }

    /** The one place that lists all fields. */
    private static final class Draft {
        private final int version;
        private @Nullable String holder;
        private long leaseUntil;
        private String run;
        private long heartbeat;
        private long total;
        private long succeeded;
        private long failed;
        private @Nullable JsonNode checkpoint;
        private @Nullable HeldRemoval held;
        private @Nullable String sweptCommit;
        private long sweptUntil;
        private @Nullable String settled;

        Draft(RunState state) {
            version = state.version;
            holder = state.holder;
            leaseUntil = state.leaseUntil;
            run = state.run;
            heartbeat = state.heartbeat;
            total = state.total;
            succeeded = state.succeeded;
            failed = state.failed;
            checkpoint = state.checkpoint;
            held = state.held;
            sweptCommit = state.sweptCommit;
            sweptUntil = state.sweptUntil;
            settled = state.settled;
        }

        RunState state() {
            return new RunState(
                    version,
                    holder,
                    leaseUntil,
                    run,
                    heartbeat,
                    total,
                    succeeded,
                    failed,
                    checkpoint,
                    held,
                    sweptCommit,
                    sweptUntil,
                    settled);
        }
    }
}
