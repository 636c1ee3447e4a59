package dev.tidemill.dataflow.internal.ledger;

import dev.tidemill.store.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The right to work on a Dataset, kept in {@code run.json}. It saves double work and keeps the cap; correctness does not rest on
 * it, since every commit is conditional anyway. Safe for concurrent use.
 */
public final class Lease {

    private static final String RUN = "run.json";

    private final StateFolder folder;
    private final String holder;
    private RunState state;
    private @Nullable String etag;

    private Lease(StateFolder folder, String holder, RunState state, @Nullable String etag) {
        this.folder = folder;
        this.holder = holder;
        this.state = state;
        this.etag = etag;
    }

    /** Another slice has it. */
    public static final class Taken extends RuntimeException {
        private final Instant until;

        Taken(String dataset, Instant until) {
            super(dataset + ": another slice works on it; its lease ends at " + until + " at the latest");
            this.until = until;
        }

        public Instant until() {
            return until;
        }
    }

    /**
     * Takes the lease.
     *
     * @param takeOver the caller knows that the present holder is gone
     * @throws Taken when another slice holds it
     */
    public static Lease take(StateFolder folder, String holder, String run, Duration length, boolean takeOver) {
        Lease lease = new Lease(folder, holder, RunState.initial(), null);
        lease.read();
        RunState found = lease.state;
        long now = folder.store().storeTime().toEpochMilli();
        if (found.holder() != null && !found.holder().equals(holder) && found.leaseUntil() > now && !takeOver) {
            throw new Taken(folder.prefix(), Instant.ofEpochMilli(found.leaseUntil()));
        }
        lease.state = found.withLease(holder, now + length.toMillis(), run, now);
        String written = folder.replace(RUN, Json.bytes(lease.state), lease.etag);
        if (written == null) {
            // Either another was faster, or our own first try had arrived and its reply was lost.
            lease.read();
            if (!holder.equals(lease.state.holder())) {
                throw new Taken(folder.prefix(), Instant.ofEpochMilli(lease.state.leaseUntil()));
            }
        } else {
            lease.etag = written;
        }
        return lease;
    }

    public synchronized RunState state() {
        return state;
    }

    /**
     * Changes the run's record.
     *
     * @throws Taken when the lease was taken over: stop starting work
     */
    public synchronized void update(UnaryOperator<RunState> change) {
        while (true) {
            RunState next = change.apply(state);
            if (next.equals(state)) {
                return;
            }
            String written = folder.replace(RUN, Json.bytes(next), etag);
            if (written != null) {
                state = next;
                etag = written;
                return;
            }
            read();
            if (!holder.equals(state.holder())) {
                throw new Taken(folder.prefix(), Instant.ofEpochMilli(state.leaseUntil()));
            }
            if (state.equals(next)) {
                return;
            }
        }
    }

    public void release() {
        update(held -> held.withLease(null, 0, held.run(), held.heartbeat()));
    }

    private void read() {
        var stored = folder.read(RUN).orElse(null);
        if (stored == null) {
            state = RunState.initial();
            etag = null;
        } else {
            state = Json.read(stored.bytes(), RunState.class, RunState.VERSION, folder.address(RUN));
            etag = stored.etag();
        }
    }
}
