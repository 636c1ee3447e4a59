package dev.tidemill.dataflow;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.DatasetStatus.ColumnSummary;
import dev.tidemill.dataflow.SliceReply.Items;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.Ledger;
import dev.tidemill.store.Head;
import dev.tidemill.store.RunState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes replies of what is committed and of how a slice ended. Bounded: a reply becomes a resource's status. */
final class SliceReplies {

    /** Failures that are told in a reply; all of them are in the ledger. */
    static final int FAILURES = 8;

    private static final int MOST_CHARACTERS = 500;

    private static final TypeReference<List<ColumnSummary>> COLUMNS = new TypeReference<>() {};

    private SliceReplies() {}

    static SliceReply of(
            State state,
            String reason,
            String message,
            @Nullable Instant retryAt,
            List<Failure> failures,
            Ledger.@Nullable Current current,
            @Nullable RunState run,
            String ledgerAddress,
            int stillRunning) {
        Items items = run == null ? Items.NONE : new Items(run.total(), stillRunning, run.succeeded(), run.failed());
        if (current == null) {
            return new SliceReply(
                    state,
                    reason,
                    cut(message),
                    items,
                    0,
                    0,
                    null,
                    0,
                    0,
                    null,
                    null,
                    null,
                    null,
                    bounded(failures),
                    retryAt);
        }
        Head head = current.head();
        Head.Summary summary = head.summary();
        return new SliceReply(
                state,
                reason,
                cut(message),
                items,
                summary.objects(),
                summary.bytes(),
                summary.rows(),
                head.revision(),
                head.profileRevision(),
                ledgerAddress + head.manifest(),
                columns(summary.columns()),
                summary.profile(),
                summary.result(),
                bounded(failures),
                retryAt);
    }

    private static @Nullable List<ColumnSummary> columns(@Nullable JsonNode columns) {
        return columns == null ? null : Json.MAPPER.convertValue(columns, COLUMNS);
    }

    private static List<Failure> bounded(List<Failure> failures) {
        return failures.stream()
                .limit(FAILURES)
                .map(failure -> new Failure(
                        cut(failure.reason()),
                        cut(failure.message()),
                        failure.object() == null ? null : cut(failure.object()),
                        failure.line(),
                        failure.byteOffset(),
                        failure.isFinal()))
                .toList();
    }

    private static String cut(String text) {
        return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS - 1) + "…";
    }
}
