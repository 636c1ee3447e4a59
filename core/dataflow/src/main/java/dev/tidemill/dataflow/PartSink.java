package dev.tidemill.dataflow;

import java.util.List;

/**
 * Where results go. {@link #accept} is called from many virtual threads at once, the rest from the thread of the dispatch. What it
 * throws ends the dispatch, save {@link dev.tidemill.store.StoreException.Unavailable}, after which the item is tried again.
 */
interface PartSink {

    /** Checks the reply against the plan (is the input still what was planned?) and writes the part. */
    Verdict accept(WorkItem item, FunctionClient.Reply.Result result, int attempt);

    /** Records that the item, which cannot be halved further, failed for now or for good. */
    void failed(WorkItem item, Failure failure, int attempts);

    /**
     * Remembers that the item failed {@code attempts} times and is to be tried again by a later slice. Without it a function that
     * takes longer than a slice to fail would be called for ever.
     */
    default void postponed(WorkItem item, Failure last, int attempts) {}

    /** What became of a reply. */
    sealed interface Verdict {
        /** The part is written (or was there already). */
        record Written() implements Verdict {}

        /** The input changed meanwhile: the reply is dropped and these items replace the item. */
        record Stale(List<? extends WorkItem> replacements) implements Verdict {}

        /** The reply itself is wrong (a foreign output name, too large): final. */
        record Rejected(Failure failure) implements Verdict {}
    }
}
