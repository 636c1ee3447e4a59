package dev.tidemill.dataflow;

import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.internal.ledger.Fingerprint;
import dev.tidemill.dataflow.internal.ledger.Ledger;
import dev.tidemill.dataflow.internal.ledger.Manifest;
import dev.tidemill.dataflow.internal.ledger.Manifest.Ancestor;
import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.Plan;
import dev.tidemill.dataflow.internal.ledger.Plan.Stage;
import dev.tidemill.dataflow.internal.ledger.SegmentRef;
import dev.tidemill.dataflow.internal.ledger.Segments;
import dev.tidemill.dataflow.internal.shards.Piece;
import dev.tidemill.dataflow.internal.shards.ScaleCutter;
import dev.tidemill.dataflow.internal.shards.Shard;
import dev.tidemill.dataflow.internal.shards.ShardCutter;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Cuts a list of objects into shards and writes down what is to be done with them, once for all slices that will work on it. */
final class Planner {

    private final SliceContext slice;
    private final String spec;

    Planner(SliceContext slice, String spec) {
        this.slice = slice;
        this.spec = spec;
    }

    /**
     * The plan for this work on this base: a new one, the one of the last run where that is the same, or the one that another slice
     * made a moment ago.
     *
     * @param latest the newest plan on this revision, or null
     * @param splitter cuts big objects between records; null where they go whole
     */
    Plan plan(
            Ledger.@Nullable Current base,
            @Nullable Plan latest,
            Stage stage,
            Fingerprint fingerprint,
            List<Ancestor> ancestors,
            String bucket,
            List<SegmentRef> inputs,
            @Nullable RecordSplitter splitter)
            throws InterruptedException {
        long revision = base == null ? 0 : base.head().revision();
        String baseCommit = base == null ? null : base.head().commit();
        if (latest != null && Objects.equals(latest.baseCommit(), baseCommit)) {
            slice.segments().share(latest.shards());
        }
        // What is generated is one object a call, whatever reads it afterwards.
        boolean generated = stage == Stage.DATA && slice.task().input() instanceof Input.Generated;
        boolean scaled = slice.task().partition().scale() > 0 && !generated;
        List<SegmentRef> shards = shards(inputs, scaled, splitter);
        Plan before = latest;
        while (true) {
            Plan plan = new Plan(
                    Plan.VERSION,
                    Ledger.planName(revision, before),
                    revision,
                    baseCommit,
                    slice.nonce(),
                    slice.turn().run(),
                    stage,
                    spec,
                    fingerprint,
                    ancestors,
                    bucket,
                    inputs,
                    shards,
                    scaled);
            if (before != null && Objects.equals(before.baseCommit(), baseCommit) && before.sameWork(plan)) {
                return before;
            }
            Plan made = slice.ledger().create(plan);
            slice.passed(KillPoint.PLAN_CREATED);
            if (made.nonce().equals(plan.nonce())) {
                return made;
            }
            before = made;
        }
    }

    private List<SegmentRef> shards(List<SegmentRef> inputs, boolean scaled, @Nullable RecordSplitter splitter)
            throws InterruptedException {
        Segments.Writer<Shard> writer = slice.segments().writer(Shard.CODEC);
        if (scaled) {
            scaled(inputs, splitter, writer);
        } else {
            long targetBytes = slice.task().partition().targetBytes();
            ShardCutter cutter = new ShardCutter(targetBytes, writer::add);
            Iterator<ObjectEntry> objects = objects(inputs);
            while (objects.hasNext()) {
                ObjectEntry object = objects.next();
                List<Piece> pieces =
                        splitter == null ? List.of(Piece.whole(object)) : splitter.split(object, targetBytes);
                pieces.forEach(cutter::add);
            }
            cutter.end();
        }
        List<SegmentRef> shards = writer.finish();
        slice.passed(KillPoint.PLAN_SEGMENT_WRITTEN);
        return shards;
    }

    private void scaled(List<SegmentRef> inputs, @Nullable RecordSplitter splitter, Segments.Writer<Shard> writer)
            throws InterruptedException {
        int scale = slice.task().partition().scale();
        long total = Manifest.count(inputs);
        // At most half as many as there are shards: each is larger than two of them should be.
        Map<String, List<Piece>> cut = new HashMap<>();
        if (splitter != null) {
            long targetBytes = ScaleCutter.targetBytes(scale, total, Manifest.weight(inputs));
            Iterator<ObjectEntry> objects = objects(inputs);
            while (objects.hasNext()) {
                ObjectEntry object = objects.next();
                List<Piece> pieces = splitter.split(object, targetBytes);
                if (pieces.size() > 1) {
                    cut.put(object.key(), pieces);
                    total += pieces.size() - 1;
                }
            }
        }
        new ScaleCutter(scale, total).cut(() -> new Pieces(objects(inputs), cut), writer::add);
    }

    private Iterator<ObjectEntry> objects(List<SegmentRef> inputs) {
        return slice.segments().read(inputs, ObjectEntry.CODEC);
    }

    /** The objects in order, those that are cut in their pieces. */
    private static final class Pieces implements Iterator<Piece> {
        private final Iterator<ObjectEntry> objects;
        private final Map<String, List<Piece>> cut;
        private Iterator<Piece> open = Collections.emptyIterator();

        Pieces(Iterator<ObjectEntry> objects, Map<String, List<Piece>> cut) {
            this.objects = objects;
            this.cut = cut;
        }

        @Override
        public boolean hasNext() {
            return open.hasNext() || objects.hasNext();
        }

        @Override
        public Piece next() {
            if (!open.hasNext()) {
                ObjectEntry object = objects.next();
                open = cut.getOrDefault(object.key(), List.of(Piece.whole(object)))
                        .iterator();
            }
            return open.next();
        }
    }
}
