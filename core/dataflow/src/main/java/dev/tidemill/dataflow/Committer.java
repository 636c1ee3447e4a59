package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tidemill.dataflow.internal.ledger.CorruptRecordException;
import dev.tidemill.dataflow.internal.ledger.Garbage;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.Ledger.Current;
import dev.tidemill.dataflow.internal.ledger.Manifest;
import dev.tidemill.dataflow.internal.ledger.Manifest.Ancestor;
import dev.tidemill.dataflow.internal.ledger.Manifest.Location;
import dev.tidemill.dataflow.internal.ledger.Manifest.StageRecord;
import dev.tidemill.dataflow.internal.ledger.PartEntry;
import dev.tidemill.dataflow.internal.ledger.SegmentRef;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.store.Head;
import dev.tidemill.store.RunState;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes the next manifest and makes it the committed one, on one base and no other. Deletes nothing: what the base refers to and the
 * next does not goes onto the list of garbage.
 */
final class Committer {

    private static final int INLINE_RESULT = 1 << 10;

    /** What nobody refers to may still be in the making for so long: a slice and its last call. */
    private static final Duration IN_THE_MAKING = Duration.ofMinutes(15);

    private final SliceContext slice;
    private final @Nullable Current base;
    private final @Nullable Manifest before;
    private final String spec;
    private final @Nullable Location view;

    /**
     * @param before the manifest of {@code base}
     * @param view where the shown objects lie, null where a value is the result
     */
    Committer(
            SliceContext slice,
            @Nullable Current base,
            @Nullable Manifest before,
            String spec,
            @Nullable Location view) {
        this.slice = slice;
        this.base = base;
        this.before = before;
        this.spec = spec;
        this.view = view;
    }

    /** What a commit of data changes. */
    record Data(
            String run,
            List<Ancestor> ancestors,
            String bucket,
            List<SegmentRef> inputs,
            List<SegmentRef> shown,
            @Nullable StageRecord stage) {}

    long nextRevision() {
        return base == null ? 1 : base.head().revision() + 1;
    }

    /** Commits a new revision; false when another commit was faster. */
    boolean data(Data data) {
        List<SegmentRef> counted = view == null ? data.inputs() : data.shown();
        Head.Summary last = base == null ? null : base.head().summary();
        PartEntry value = data.stage() == null ? null : data.stage().result();
        Head.Summary summary = new Head.Summary(
                Manifest.count(counted),
                Manifest.weight(counted),
                last == null ? null : last.rows(),
                data.stage() == null ? 0 : data.stage().items(),
                data.stage() == null ? 0 : data.stage().failedItems(),
                data.stage() == null ? 0 : data.stage().failedObjects(),
                last == null ? null : last.columns(),
                last == null ? null : last.profile(),
                value == null ? null : result(value));
        Manifest next = new Manifest(
                Manifest.VERSION,
                nextRevision(),
                commitId(),
                before == null ? null : before.commit(),
                slice.now(),
                slice.task().dataset().uid(),
                data.run(),
                spec,
                data.ancestors(),
                data.bucket(),
                data.inputs(),
                view,
                data.shown(),
                data.stage(),
                before == null ? null : before.profile(),
                List.of());
        return commit(next, base == null ? 0 : base.head().profileRevision(), summary);
    }

    /** Commits the profile of the revision that is committed already. */
    boolean profile(Manifest of, StageRecord stage) {
        Head head = Objects.requireNonNull(base).head();
        Head.Summary last = head.summary();
        PartEntry whole = stage.result();
        ProfileSummary summary = whole == null ? null : ProfileSummary.of(body(whole));
        Head.Summary next = new Head.Summary(
                last.objects(),
                last.bytes(),
                summary == null ? Long.valueOf(0) : Long.valueOf(summary.rows()),
                stage.items(),
                stage.failedItems() + (of.data() == null ? 0 : of.data().failedItems()),
                stage.failedObjects() + (of.data() == null ? 0 : of.data().failedObjects()),
                summary == null ? null : summary.columns(),
                whole == null ? null : slice.folder().address(whole.name()),
                last.result());
        Manifest manifest = new Manifest(
                Manifest.VERSION,
                of.revision(),
                commitId(),
                of.commit(),
                slice.now(),
                of.uid(),
                of.run(),
                of.spec(),
                of.ancestors(),
                of.inputBucket(),
                of.inputs(),
                of.view(),
                of.shown(),
                of.data(),
                stage,
                List.of());
        return commit(manifest, of.revision(), next);
    }

    private boolean commit(Manifest next, long profileRevision, Head.Summary summary) {
        Manifest complete = withGarbage(next);
        slice.passed(KillPoint.SEGMENTS_WRITTEN);
        String name = slice.ledger().write(complete);
        slice.passed(KillPoint.MANIFEST_WRITTEN);
        Head head = new Head(
                Head.VERSION,
                complete.revision(),
                complete.commit(),
                name,
                complete.spec(),
                complete.run(),
                complete.committedAt(),
                profileRevision,
                summary);
        boolean committed = slice.ledger().commit(base, head);
        if (committed) {
            slice.passed(KillPoint.COMMITTED);
        }
        return committed;
    }

    private Manifest withGarbage(Manifest next) {
        boolean sameOutput = before == null || Objects.equals(before.view(), next.view());
        RunState run = slice.lease().state();
        long sweptUntil =
                before != null && before.commit().equals(run.sweptCommit()) ? run.sweptUntil() : Long.MIN_VALUE;
        boolean lookForOrphans =
                slice.turn().fullListing() || slice.turn().changedKeys().isEmpty();
        Duration retention = slice.task().policy().retention();
        Duration age = retention.compareTo(IN_THE_MAKING) > 0 ? retention : IN_THE_MAKING;
        List<SegmentRef> garbage = new Garbage(slice.folder(), slice.output(), slice.segments())
                .next(
                        before,
                        base == null ? null : base.head().manifest(),
                        next,
                        sameOutput,
                        sweptUntil,
                        lookForOrphans ? Long.valueOf(next.committedAt() - age.toMillis()) : null);
        return new Manifest(
                next.version(),
                next.revision(),
                next.commit(),
                next.base(),
                next.committedAt(),
                next.uid(),
                next.run(),
                next.spec(),
                next.ancestors(),
                next.inputBucket(),
                next.inputs(),
                next.view(),
                next.shown(),
                next.data(),
                next.profile(),
                garbage);
    }

    private JsonNode result(PartEntry value) {
        if (value.size() <= INLINE_RESULT) {
            try {
                return Json.MAPPER.readTree(body(value));
            } catch (IOException notJson) {
                // Told by reference like a long one.
            }
        }
        return JsonNodeFactory.instance
                .objectNode()
                .put("dataref", slice.folder().address(value.name()));
    }

    private byte[] body(PartEntry part) {
        StateFolder folder = slice.folder();
        return folder.read(part.name())
                .orElseThrow(() ->
                        new CorruptRecordException(folder.address(part.name()), "was there a moment ago and is gone"))
                .bytes();
    }

    private String commitId() {
        return slice.nonce() + slice.nonce();
    }
}
