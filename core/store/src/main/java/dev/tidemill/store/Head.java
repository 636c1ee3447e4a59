package dev.tidemill.store;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * {@code current.json}: what a Dataset has committed, small enough to be read by whoever shows it. Replaced conditionally, and
 * nothing else of the ledger is true unless it is reachable from here.
 *
 * @param revision counted up by each change of the data
 * @param commit unique to the commit: tells one's own after a lost reply
 * @param manifest name of the root, relative to the ledger
 * @param run the run whose inventory this revision stands for
 * @param committedAt store time in milliseconds
 * @param profileRevision the revision that the profile describes, 0 for none
 */
public record Head(
        int version,
        long revision,
        String commit,
        String manifest,
        String specHash,
        String run,
        long committedAt,
        long profileRevision,
        Summary summary) {

    public static final int VERSION = 1;

    /**
     * The figures for the Dataset's status.
     *
     * @param items shards and groups of the last run
     * @param failedObjects tolerated failures, in objects
     * @param columns the profile's columns, cut to 8 KiB
     * @param profile address of the whole profile
     * @param result the combined value, or a reference to it
     */
    public record Summary(
            long objects,
            long bytes,
            @Nullable Long rows,
            long items,
            long failedItems,
            long failedObjects,
            @Nullable JsonNode columns,
            @Nullable String profile,
            @Nullable JsonNode result) {}
}
