package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.DatasetStatus.ColumnSummary;
import dev.tidemill.dataflow.internal.ledger.Json;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a slice ended, and the Dataset's status as the ledger has it. Serialises to JSON and stays under 16 KiB.
 *
 * @param reason CamelCase, for the condition
 * @param message for whoever must act, or what was done
 * @param revision the committed revision, 0 before the first
 * @param profileRevision the revision that the profile describes, 0 before the first
 * @param manifest {@code s3://} address of the committed manifest
 * @param columns the profile's columns, cut to 8 KiB
 * @param profile {@code s3://} address of the whole profile
 * @param result the combined value, inline up to 1 KiB, else {@code {"dataref": "s3://…"}}
 * @param failures the first few, for events and the log
 * @param retryAt when another slice is worth sending; null for at once (MORE) or at resync
 */
public record SliceReply(
        State state,
        String reason,
        String message,
        Items items,
        long objects,
        long bytes,
        @Nullable Long rows,
        long revision,
        long profileRevision,
        @Nullable String manifest,
        @Nullable List<ColumnSummary> columns,
        @Nullable String profile,
        @Nullable JsonNode result,
        List<Failure> failures,
        @Nullable Instant retryAt) {

    public SliceReply {
        columns = columns == null ? null : List.copyOf(columns);
        failures = List.copyOf(failures);
    }

    /** What the driver does next. */
    public enum State {
        /** Send the next slice of this run, not before {@code retryAt}. */
        MORE,
        /** The run is over and the committed revision stands for the input that it saw. */
        DONE,
        /** Committed within {@code toleratedPercent}, with failures. */
        DEGRADED,
        /** Nothing was committed; the previous revision stays. Try again at {@code retryAt} or at resync. */
        FAILED,
        /** A person or another resource has to do something first: {@code RemovalHeld}, {@code OwnedByAnother}, {@code ParentMissing} … */
        HELD,
        /** Another slice holds the lease until {@code retryAt}. */
        BUSY
    }

    /** Work items of the run in hand: shards and groups to combine. */
    public record Items(long total, long running, long succeeded, long failed) {
        public static final Items NONE = new Items(0, 0, 0, 0);
    }

    public byte[] toJson() {
        return Json.bytes(this);
    }

    /** @throws IllegalArgumentException when it is not the JSON of one */
    public static SliceReply fromJson(byte[] json) {
        return Json.parse(json, SliceReply.class);
    }
}
