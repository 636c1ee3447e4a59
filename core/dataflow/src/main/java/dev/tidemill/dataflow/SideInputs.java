package dev.tidemill.dataflow;

import dev.tidemill.dataflow.internal.ledger.Ledger;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/** The revisions of the Datasets that functions read beside their input, as they are when a slice first asks. */
final class SideInputs implements ToLongFunction<DatasetRef> {

    private final SliceContext slice;
    private final Map<DatasetRef, Long> pinned = new HashMap<>();

    SideInputs(SliceContext slice) {
        this.slice = slice;
    }

    /** @throws Stop when there is none yet: an empty prefix is no side input */
    @Override
    public long applyAsLong(DatasetRef dataset) {
        return pinned.computeIfAbsent(dataset, this::committed);
    }

    private long committed(DatasetRef dataset) {
        StateFolder theirs =
                StateFolder.of(slice.store(), slice.task().stateBucket(), dataset.namespace(), dataset.name());
        Ledger.Current current = new Ledger(theirs).current();
        if (current == null) {
            throw Stop.held(
                    "SideInputMissing",
                    "Dataset " + dataset
                            + ", which the function reads beside its input, has committed nothing yet; this one waits until it has");
        }
        return current.head().revision();
    }
}
