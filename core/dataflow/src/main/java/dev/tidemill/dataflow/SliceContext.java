package dev.tidemill.dataflow;

import dev.tidemill.dataflow.internal.ledger.Lease;
import dev.tidemill.dataflow.internal.ledger.Ledger;
import dev.tidemill.dataflow.internal.ledger.Segments;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.store.ObjectClient;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the steps of one slice share.
 *
 * @param output where output objects lie, null where there are none
 * @param stopAt nothing is started from then on, by the clock of {@code surroundings}
 * @param share permits of this slice, the same for all of its dispatches
 */
record SliceContext(
        SliceRequest request,
        ObjectClient store,
        FunctionClient functions,
        Surroundings surroundings,
        StateFolder folder,
        @Nullable StateFolder output,
        Ledger ledger,
        Segments segments,
        Lease lease,
        Share share,
        Instant stopAt) {

    Task task() {
        return request.task();
    }

    SliceRequest.Turn turn() {
        return request.turn();
    }

    /** The store's clock, in milliseconds: the only one that several processes agree on. */
    long now() {
        return store.storeTime().toEpochMilli();
    }

    boolean over() {
        return !surroundings.time().now().isBefore(stopAt);
    }

    void passed(KillPoint point) {
        surroundings.kill().at(point);
    }

    /** A name that nobody else will ever choose. */
    String nonce() {
        return surroundings.nonce();
    }
}
