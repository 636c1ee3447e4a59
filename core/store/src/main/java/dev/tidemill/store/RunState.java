package dev.tidemill.store;

import com.fasterxml.jackson.databind.JsonNode;
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
        return new RunState(
                version,
                newHolder,
                until,
                newRun,
                now,
                total,
                succeeded,
                failed,
                checkpoint,
                held,
                sweptCommit,
                sweptUntil,
                settled);
    }

    public RunState withProgress(long newTotal, long newSucceeded, long newFailed, long now) {
        return new RunState(
                version,
                holder,
                leaseUntil,
                run,
                now,
                newTotal,
                newSucceeded,
                newFailed,
                checkpoint,
                held,
                sweptCommit,
                sweptUntil,
                settled);
    }

    public RunState withCheckpoint(@Nullable JsonNode newCheckpoint, long now) {
        return new RunState(
                version,
                holder,
                leaseUntil,
                run,
                now,
                total,
                succeeded,
                failed,
                newCheckpoint,
                held,
                sweptCommit,
                sweptUntil,
                settled);
    }

    public RunState withHeld(@Nullable HeldRemoval newHeld) {
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
                newHeld,
                sweptCommit,
                sweptUntil,
                settled);
    }

    public RunState withSwept(String commit, long until) {
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
                commit,
                until,
                settled);
    }

    public RunState withSettled(@Nullable String plan) {
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
                plan);
    }
}
