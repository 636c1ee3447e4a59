package dev.tidemill.dataflow;

import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.internal.ledger.FailureEntry;
import dev.tidemill.dataflow.internal.ledger.Manifest;
import dev.tidemill.dataflow.internal.ledger.Manifest.StageRecord;
import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.PartEntry;
import dev.tidemill.dataflow.internal.ledger.Plan;
import dev.tidemill.dataflow.internal.ledger.SegmentRef;
import dev.tidemill.dataflow.internal.ledger.Segments;
import dev.tidemill.dataflow.internal.shards.Piece;
import dev.tidemill.dataflow.internal.shards.Shard;
import dev.tidemill.dataflow.internal.work.Note;
import dev.tidemill.dataflow.internal.work.WorkList.Leaf;
import dev.tidemill.store.KeyOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a dispatched plan came to: which parts count, what failed, which objects were really consumed, what is shown. */
final class Settlement {

    private final SliceContext slice;
    private final StageRun stage;
    private final List<PartEntry> values = new ArrayList<>();
    private final List<FailureEntry> failures = new ArrayList<>();
    private final List<Failure> told = new ArrayList<>();
    private final Set<String> failedKeys = new HashSet<>();
    private final Map<String, ObjectEntry> consumed = new TreeMap<>(KeyOrder.UTF8);
    private final Set<String> replacedKeys = new HashSet<>();
    private long failedObjects;
    private long nextRetry = Long.MAX_VALUE;

    private Settlement(SliceContext slice, StageRun stage) {
        this.slice = slice;
        this.stage = stage;
    }

    /**
     * Goes through the plan once more.
     *
     * @throws Stop when something is still missing, or more failed than is tolerated
     */
    static Settlement of(SliceContext slice, StageRun stage) {
        Settlement settlement = new Settlement(slice, stage);
        Iterator<Leaf> leaves = stage.leaves();
        while (leaves.hasNext()) {
            switch (leaves.next()) {
                case Leaf.Done(Shard shard, String id, var part) -> {
                    settlement.values.add(new PartEntry(
                            shard.slot(),
                            id,
                            part.name(),
                            0,
                            shard.pieces().size(),
                            part.size(),
                            stage.outputsOf(id, part)));
                }
                case Leaf.Failed(Shard shard, String id, Note note) -> settlement.fail(shard, id, note);
                case Leaf.Missing _ -> throw Stop.sliceOver("dispatch");
            }
        }
        return settlement;
    }

    List<PartEntry> values() {
        return values;
    }

    List<Failure> failures() {
        return told;
    }

    long failedObjects() {
        return failedObjects;
    }

    private void fail(Shard shard, String id, Note note) {
        for (Piece piece : shard.pieces()) {
            failedObjects += failedKeys.add(piece.object().key()) ? 1 : 0;
        }
        nextRetry = Math.min(nextRetry, note.retryAt());
        String object = note.object() == null ? address(shard) : note.object();
        failures.add(new FailureEntry(
                shard.slot(),
                id,
                stage.notes().address(id),
                shard.pieces().size(),
                note.reason(),
                note.message(),
                object,
                note.line(),
                note.byteOffset(),
                note.retryAt(),
                note.token()));
        if (told.size() < SliceReplies.FAILURES) {
            told.add(new Failure(
                    note.reason(),
                    note.message(),
                    stage.function().takesAllOrNothing() ? note.object() : object,
                    note.line(),
                    note.byteOffset(),
                    note.retryAt() == Long.MAX_VALUE));
        }
    }

    private String address(Shard shard) {
        return "s3://" + stage.plan().bucket() + "/"
                + shard.pieces().getFirst().object().key();
    }

    /** @throws Stop when more objects failed than is tolerated; the plan is then over until something changes */
    void requireTolerable(long objects) {
        double tolerated = slice.task().policy().toleratedPercent();
        if (failedObjects == 0 || failedObjects * 100.0 <= tolerated * objects) {
            return;
        }
        Failure first = told.getFirst();
        if (stage.function().takesAllOrNothing()) {
            throw new Stop(State.FAILED, first.reason(), first.told(), nextRetry(), told);
        }
        throw new Stop(
                State.FAILED,
                "TooManyFailures",
                failedObjects + " of " + Failure.objects(objects) + " failed, tolerated are " + tolerated
                        + " %; the first: " + first.told(),
                nextRetry(),
                told);
    }

    private @Nullable Instant nextRetry() {
        return nextRetry == Long.MAX_VALUE ? null : Instant.ofEpochMilli(nextRetry);
    }

    /** The plan's input with what changed under way, as it was consumed. */
    List<SegmentRef> inputs() {
        Plan plan = stage.plan();
        Iterator<Shard> planned = slice.segments().read(plan.shards(), Shard.CODEC);
        planned.forEachRemaining(this::compare);
        if (replacedKeys.isEmpty()) {
            return plan.inputs();
        }
        Segments.Writer<ObjectEntry> writer = slice.segments().writer(ObjectEntry.CODEC);
        slice.segments().read(plan.inputs(), ObjectEntry.CODEC).forEachRemaining(object -> {
            ObjectEntry now = replacedKeys.contains(object.key()) ? consumed.get(object.key()) : object;
            if (now != null) {
                writer.add(now);
            }
        });
        return writer.finish();
    }

    private void compare(Shard planned) {
        String id = planned.partId(stage.plan().fingerprint().map());
        if (stage.parts().get(id) != null) {
            return;
        }
        Note note = stage.notes().get(id);
        if (note == null || (note.kind() != Note.Kind.REPLACED && note.kind() != Note.Kind.HALVED)) {
            return;
        }
        planned.pieces().forEach(piece -> replacedKeys.add(piece.object().key()));
        stage.follow(planned)
                .forEachRemaining(leaf -> leaf.shard()
                        .pieces()
                        .forEach(piece -> consumed.put(piece.object().key(), piece.object())));
    }

    /** The objects that are shown from now on, in key order. */
    List<SegmentRef> shown() {
        Segments.Writer<ObjectEntry> writer = slice.segments().writer(ObjectEntry.CODEC);
        values.stream()
                .flatMap(part -> part.outputs().stream())
                .sorted(Comparator.comparing(ObjectEntry::key, KeyOrder.UTF8))
                .forEach(writer::add);
        return writer.finish();
    }

    StageRecord record(long revision, List<PartEntry> combined, @Nullable PartEntry result, long objects) {
        Segments.Writer<PartEntry> parts = slice.segments().writer(PartEntry.CODEC);
        values.forEach(parts::add);
        combined.forEach(parts::add);
        Segments.Writer<FailureEntry> failed = slice.segments().writer(FailureEntry.CODEC);
        failures.forEach(failed::add);
        return new StageRecord(
                revision,
                stage.plan().fingerprint(),
                parts.finish(),
                failed.finish(),
                result,
                Manifest.count(stage.plan().shards()),
                objects,
                failures.size(),
                failedObjects,
                nextRetry);
    }
}
