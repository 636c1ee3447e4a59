package dev.tidemill.dataflow;

import dev.tidemill.api.EventTypes;
import dev.tidemill.api.OutputTarget;
import dev.tidemill.dataflow.OutputObjects.Checked;
import dev.tidemill.dataflow.OutputObjects.OutputPart;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.Manifest;
import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.Plan;
import dev.tidemill.dataflow.internal.shards.Piece;
import dev.tidemill.dataflow.internal.shards.Shard;
import dev.tidemill.dataflow.internal.shards.ShardCutter;
import dev.tidemill.dataflow.internal.work.Note;
import dev.tidemill.dataflow.internal.work.Notes;
import dev.tidemill.dataflow.internal.work.Parts;
import dev.tidemill.dataflow.internal.work.WorkList;
import dev.tidemill.dataflow.internal.work.WorkList.Leaf;
import dev.tidemill.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The work of one plan in one slice: sends what is missing, checks every reply against the store, and writes parts and notes. What
 * is done, is done for good: another slice, or another plan with the same shard, finds it.
 */
final class StageRun implements PartSink {

    private static final String KEEPS_CHANGING = "InputKeepsChanging";
    private static final int REMEMBERED = 64 << 10;
    private static final long MOST_REMEMBERED = 64 << 20;
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    private static final Duration LONGEST_BACKOFF = Duration.ofDays(1);

    private final SliceContext slice;
    private final Plan plan;
    private final FunctionTarget function;
    private final Calls calls;
    private final Parts parts;
    private final Notes notes;
    private final @Nullable Freshness freshness;
    private final @Nullable OutputObjects outputs;
    private final Map<String, List<ObjectEntry>> written = new ConcurrentHashMap<>();
    private final Map<String, byte[]> remembered = new ConcurrentHashMap<>();
    private final AtomicLong rememberedBytes = new AtomicLong();
    private final AtomicLong succeeded = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong lastBeat;

    /**
     * @param outputs where replies become objects, null where they are values
     * @param checked whether the shards' objects may change under way
     */
    StageRun(
            SliceContext slice,
            Plan plan,
            FunctionTarget function,
            Calls calls,
            Set<String> condemned,
            @Nullable OutputObjects outputs,
            boolean checked) {
        this.slice = slice;
        this.plan = plan;
        this.function = function;
        this.calls = calls;
        this.outputs = outputs;
        parts = Parts.list(slice.folder(), condemned);
        notes = Notes.list(slice.folder(), plan.nonce(), condemned);
        freshness = checked ? new Freshness(slice.store(), plan.bucket()) : null;
        lastBeat = new AtomicLong(slice.now());
    }

    Calls calls() {
        return calls;
    }

    Parts parts() {
        return parts;
    }

    Notes notes() {
        return notes;
    }

    Plan plan() {
        return plan;
    }

    FunctionTarget function() {
        return function;
    }

    /** What stands for a shard of the plan now. */
    Iterator<Leaf> follow(Shard planned) {
        return workList().leaves(planned);
    }

    private WorkList workList() {
        return new WorkList(
                parts,
                notes,
                plan.fingerprint().map(),
                slice.now(),
                slice.task().wishes().redrive());
    }

    /** Every piece of work of the plan as it stands, in order. */
    Iterator<Leaf> leaves() {
        WorkList list = workList();
        Iterator<Shard> shards = slice.segments().read(plan.shards(), Shard.CODEC);
        return new Iterator<>() {
            private Iterator<Leaf> open = List.<Leaf>of().iterator();

            @Override
            public boolean hasNext() {
                while (!open.hasNext() && shards.hasNext()) {
                    open = list.leaves(shards.next());
                }
                return open.hasNext();
            }

            @Override
            public Leaf next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return open.next();
            }
        };
    }

    /**
     * Sends what is missing.
     *
     * @throws Stop when the slice ends before the plan does
     */
    void dispatch() throws InterruptedException {
        DispatchReport report = dispatch(function, new MissingItems(), this);
        slice.passed(KillPoint.DISPATCH_DONE);
        beat(true);
        stopIfMore(report, "dispatch");
    }

    DispatchReport dispatch(FunctionTarget target, Iterator<? extends WorkItem> items, PartSink sink)
            throws InterruptedException {
        Surroundings around = slice.surroundings();
        Dispatcher dispatcher = new Dispatcher(
                slice.functions(),
                new Dispatcher.Callee(target.url(), target.timeout()),
                new Progress(),
                new Dispatcher.Surroundings(around.policy(), around.time(), around.random(), around.kill()));
        return around.threads() == null
                ? dispatcher.run(items, slice.share(), slice.stopAt(), sink)
                : dispatcher.run(items, slice.share(), slice.stopAt(), sink, around.threads());
    }

    static void stopIfMore(DispatchReport report, String where) {
        if (report.more()) {
            Gate.Hold hold = report.hold();
            if (hold == null) {
                throw Stop.sliceOver(where);
            }
            throw new Stop(State.MORE, hold.reason(), hold.message(), hold.until());
        }
    }

    /** Draws from the plan what has no part and no failure that stands in the way. */
    private final class MissingItems implements Iterator<ShardItem> {
        private final Iterator<Leaf> leaves = leaves();
        private @Nullable ShardItem next;

        @Override
        public boolean hasNext() {
            while (next == null && leaves.hasNext()) {
                switch (leaves.next()) {
                    case Leaf.Missing(Shard shard, String id, Note before) ->
                        next = new ShardItem(StageRun.this, shard, id, before);
                    case Leaf.Done _ -> succeeded.incrementAndGet();
                    case Leaf.Failed _ -> failed.incrementAndGet();
                }
            }
            return next != null;
        }

        @Override
        public ShardItem next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            ShardItem item = next;
            next = null;
            return item;
        }
    }

    @Nullable
    OutputTarget outputFor(ShardItem item) {
        return outputs == null ? null : outputs.target(item.shard(), item.partId(), plan.nonce(), slice.nonce());
    }

    /** The halves that have to be called; a note remembers that the whole is no use. */
    List<ShardItem> halve(ShardItem item) {
        List<Shard> halves = item.shard().halves();
        if (halves.isEmpty()) {
            return List.of();
        }
        note(item.partId(), Note.Kind.HALVED, item.objects(), null, 0, 0, Long.MAX_VALUE, List.of());
        return missing(halves);
    }

    private List<ShardItem> missing(List<Shard> shards) {
        WorkList list = workList();
        List<ShardItem> missing = new ArrayList<>();
        for (Shard shard : shards) {
            list.leaves(shard).forEachRemaining(leaf -> {
                if (leaf instanceof Leaf.Missing(Shard leafShard, String id, Note before)) {
                    missing.add(new ShardItem(this, leafShard, id, before));
                }
            });
        }
        return missing;
    }

    @Override
    public Verdict accept(WorkItem work, FunctionClient.Reply.Result reply, int attempt) {
        ShardItem item = (ShardItem) work;
        slice.passed(KillPoint.BEFORE_STALENESS_CHECK);
        if (freshness != null && !freshness.holds(item.shard())) {
            return new Verdict.Stale(replace(item, freshness));
        }
        byte[] body = reply.body();
        if (outputs != null) {
            OutputTarget target = item.output(attempt);
            Checked checked = EventTypes.WRITTEN.equals(reply.type()) && target != null
                    ? outputs.verify(target, reply)
                    : new Checked.Verified(List.of(outputs.write(item.shard(), item.partId(), plan.nonce(), reply)));
            switch (checked) {
                case Checked.Wrong(Failure failure) -> {
                    return new Verdict.Rejected(failure);
                }
                case Checked.Verified(List<ObjectEntry> objects) -> {
                    slice.passed(KillPoint.OUTPUT_WRITTEN);
                    written.put(item.partId(), objects);
                    body = Json.bytes(new OutputPart(OutputPart.VERSION, objects));
                }
            }
        } else if (EventTypes.WRITTEN.equals(reply.type())) {
            return new Verdict.Rejected(Failure.lasting(
                    "OutputNotAsked", "the function wrote objects, but here its reply itself is the result"));
        }
        keep(item.partId(), body, outputs != null ? "application/json" : reply.contentType());
        succeeded.incrementAndGet();
        beat(false);
        return new Verdict.Written();
    }

    /** Writes a part, unless another slice of this plan was faster; then theirs counts. */
    void keep(String partId, byte[] body, String contentType) {
        String name = Parts.name(partId, plan.nonce());
        if (create(name, body, contentType)) {
            parts.put(partId, name, body.length);
            remember(name, body);
        } else {
            written.remove(partId);
            parts.put(partId, name, sizeOf(name, body.length));
        }
        slice.passed(KillPoint.PART_WRITTEN);
    }

    private void remember(String name, byte[] body) {
        if (body.length <= REMEMBERED && rememberedBytes.addAndGet(body.length) <= MOST_REMEMBERED) {
            remembered.put(name, body);
        }
    }

    /** A value of this slice, while there is room for it: combining then need not read it again. */
    byte @Nullable [] remembered(String name) {
        return remembered.get(name);
    }

    private boolean create(String name, byte[] body, String contentType) {
        try {
            return slice.folder().create(name, body, contentType);
        } catch (StoreException.Unavailable e) {
            if (slice.store()
                    .head(slice.folder().bucket(), slice.folder().prefix() + name)
                    .isPresent()) {
                // It had arrived and the reply was lost: calling the function again would compute a finished part anew.
                return false;
            }
            throw e;
        }
    }

    private long sizeOf(String name, long otherwise) {
        return slice.store()
                .head(slice.folder().bucket(), slice.folder().prefix() + name)
                .map(info -> info.size())
                .orElse(otherwise);
    }

    @Override
    public void failed(WorkItem work, Failure failure, int attempts) {
        ShardItem item = (ShardItem) work;
        Note note = notes.get(item.partId());
        if (note != null && note.kind() == Note.Kind.HALVED) {
            // Both halves are settled already, from an earlier run: they stand for it.
            return;
        }
        if (freshness != null && !failure.reason().equals(KEEPS_CHANGING) && !freshness.holds(item.shard())) {
            // A function cannot read what is gone; that is no failure of the object that took its place, if any did.
            replace(item, freshness);
            return;
        }
        failed(item.partId(), item.objects(), item.before(), failure, attempts);
        failed.incrementAndGet();
        beat(false);
    }

    /** Remembers that work was given up: for good, or until its backoff is over. */
    void failed(String id, int objects, @Nullable Note before, Failure failure, int attempts) {
        int rounds = before == null ? 1 : before.rounds() + 1;
        long retryAt = failure.isFinal()
                ? Long.MAX_VALUE
                : slice.now() + backoff(rounds).toMillis();
        note(id, Note.Kind.FAILED, objects, failure, attempts, rounds, retryAt, List.of());
    }

    @Override
    public void postponed(WorkItem work, Failure last, int attempts) {
        ShardItem item = (ShardItem) work;
        postponed(item.partId(), item.objects(), item.before(), last, attempts);
    }

    void postponed(String id, int objects, @Nullable Note before, Failure last, int attempts) {
        int rounds = before == null ? 0 : before.rounds();
        note(id, Note.Kind.POSTPONED, objects, last, attempts, rounds, 0, List.of());
    }

    /** Resync, doubled each time, up to a day. */
    private Duration backoff(int rounds) {
        Duration pause = slice.task().policy().resync().multipliedBy(1L << Math.min(rounds - 1, 20));
        return pause.compareTo(LONGEST_BACKOFF) < 0 ? pause : LONGEST_BACKOFF;
    }

    private List<ShardItem> replace(ShardItem item, Freshness current) {
        for (Piece piece : item.shard().pieces()) {
            if (!piece.isWhole()) {
                throw new PlanOutdated(
                        "s3://" + plan.bucket() + "/" + piece.object().key());
            }
        }
        List<ObjectEntry> now = current.now(item.shard());
        Shard old = item.shard();
        List<Shard> shards = new ArrayList<>();
        if (old.index() >= 0) {
            if (!now.isEmpty()) {
                shards.add(new Shard(old.index(), now.stream().map(Piece::whole).toList()));
            }
        } else {
            ShardCutter cutter = new ShardCutter(slice.task().partition().targetBytes(), shards::add);
            now.forEach(object -> cutter.add(Piece.whole(object)));
            cutter.end();
        }
        if (shards.size() == 1 && shards.getFirst().equals(old)) {
            return List.of(item);
        }
        note(item.partId(), Note.Kind.REPLACED, old.pieces().size(), null, 0, 0, 0, shards);
        return missing(shards);
    }

    private void note(
            String id,
            Note.Kind kind,
            int objects,
            @Nullable Failure failure,
            int attempts,
            int rounds,
            long retryAt,
            List<Shard> replacements) {
        notes.put(new Note(
                Note.VERSION,
                kind,
                id,
                slice.now(),
                objects,
                failure == null ? kind.name() : failure.reason(),
                failure == null ? "" : failure.message(),
                failure == null ? null : failure.object(),
                failure == null ? -1 : failure.line(),
                failure == null ? -1 : failure.byteOffset(),
                attempts,
                rounds,
                retryAt,
                slice.task().wishes().redrive(),
                replacements));
        slice.passed(KillPoint.FAILURE_WRITTEN);
    }

    /** Tells how far it is, at most every few seconds, and notices when the lease is gone. */
    private void beat(boolean anyway) {
        long now = slice.now();
        long last = lastBeat.get();
        if ((anyway || now - last >= HEARTBEAT.toMillis()) && lastBeat.compareAndSet(last, now)) {
            long total = Manifest.count(plan.shards());
            slice.lease().update(run -> run.withProgress(total, succeeded.get(), failed.get(), now));
        }
    }

    /** What a finished shard shows: known from this slice, or read from its part. */
    List<ObjectEntry> outputsOf(String partId, Parts.Found part) {
        if (outputs == null) {
            return List.of();
        }
        List<ObjectEntry> known = written.get(partId);
        return known != null
                ? known
                : OutputPart.read(slice.folder(), part.name()).outputs();
    }
}
