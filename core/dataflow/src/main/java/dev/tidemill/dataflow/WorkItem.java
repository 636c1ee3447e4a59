package dev.tidemill.dataflow;

import java.util.List;

/** One call that has to be made: a shard, or a group of parts to combine. Implemented by the planner, consumed by {@link Dispatcher}. */
interface WorkItem {

    /** The id of the part that this computes; also the event's id. */
    String partId();

    /** Calls that were made for it in earlier slices and failed; see {@link PartSink#postponed}. */
    default int attemptsMade() {
        return 0;
    }

    /** How many objects stand behind it. */
    int objects();

    /** Whether it can be halved, to find what fails in it. */
    default boolean divisible() {
        return objects() > 1;
    }

    /**
     * The event to send.
     *
     * @param attempt counted from 1; the output name in it is new for each attempt
     */
    FunctionClient.Event event(int attempt);

    /** The same work in two halves, or an empty list when it cannot be cut further. */
    List<? extends WorkItem> halves();
}
