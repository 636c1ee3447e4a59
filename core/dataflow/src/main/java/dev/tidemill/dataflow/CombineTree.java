package dev.tidemill.dataflow;

import dev.tidemill.api.Part;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.internal.ledger.CorruptRecordException;
import dev.tidemill.dataflow.internal.ledger.PartEntry;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.dataflow.internal.shards.GroupCutter;
import dev.tidemill.dataflow.internal.work.Note;
import dev.tidemill.dataflow.internal.work.Parts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reduces a stage's values to one, level by level, in the order of the shards. What is combined is a part too: after a change only the
 * groups on the way from the changed shard to the root are combined again.
 */
final class CombineTree {

    /** Larger bodies go by reference; a group of the smaller ones stays under eight MiB. */
    static final int INLINE_LIMIT = 1 << 20;

    /** What the request itself may take, beyond the function's timeout. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    private final SliceContext slice;
    private final StageRun stage;
    private final FunctionTarget function;
    private final Calls calls;
    private final String fingerprint;
    private final List<PartEntry> combined = new ArrayList<>();

    CombineTree(SliceContext slice, StageRun stage, FunctionTarget function, Calls calls, String fingerprint) {
        this.slice = slice;
        this.stage = stage;
        this.function = function;
        this.calls = calls;
        this.fingerprint = fingerprint;
    }

    /** The parts that were combined on the way, in order. */
    List<PartEntry> combined() {
        return combined;
    }

    /**
     * The one value, or null of nothing.
     *
     * @param always whether even a single value is given to the function, because it is another one than made the value
     * @throws Stop when the slice ends first, or a group cannot be combined
     */
    @Nullable
    PartEntry reduce(List<PartEntry> values, boolean always) throws InterruptedException {
        List<PartEntry> level = values;
        for (int n = 1; level.size() > 1 || (always && n == 1 && level.size() == 1); n++) {
            level = combine(level, n, always && n == 1);
            slice.passed(KillPoint.COMBINE_LEVEL_DONE);
        }
        return level.isEmpty() ? null : level.getFirst();
    }

    private List<PartEntry> combine(List<PartEntry> level, int n, boolean always) throws InterruptedException {
        List<List<PartEntry>> groups = GroupCutter.cut(level, n, INLINE_LIMIT);
        Map<String, GroupItem> missing = new LinkedHashMap<>();
        List<Failure> blocked = new ArrayList<>();
        long retryAt = Long.MAX_VALUE;
        for (List<PartEntry> group : groups) {
            String id = GroupCutter.id(group, fingerprint);
            if ((group.size() == 1 && !always) || stage.parts().get(id) != null) {
                continue;
            }
            Note note = stage.notes().get(id);
            if (note != null && note.blocks(slice.now(), slice.task().wishes().redrive())) {
                blocked.add(new Failure(
                        note.reason(), note.message(), note.object(), note.line(), note.byteOffset(), true));
                retryAt = Math.min(retryAt, note.retryAt());
            } else {
                missing.put(id, new GroupItem(id, n, group, note));
            }
        }
        if (blocked.isEmpty() && !missing.isEmpty()) {
            DispatchReport report = stage.dispatch(function, missing.values().iterator(), new GroupSink(blocked));
            StageRun.stopIfMore(report, "combine");
        }
        if (!blocked.isEmpty()) {
            throw new Stop(
                    State.FAILED,
                    "CombineFailed",
                    blocked.size() + " groups of results could not be combined by " + function.name() + ": "
                            + blocked.getFirst().message(),
                    retryAt == Long.MAX_VALUE ? null : Instant.ofEpochMilli(retryAt),
                    blocked.subList(0, Math.min(blocked.size(), SliceReplies.FAILURES)));
        }
        return results(groups, n, always);
    }

    private List<PartEntry> results(List<List<PartEntry>> groups, int n, boolean always) {
        List<PartEntry> next = new ArrayList<>();
        for (List<PartEntry> group : groups) {
            if (group.size() == 1 && !always) {
                next.add(group.getFirst());
                continue;
            }
            String id = GroupCutter.id(group, fingerprint);
            Parts.Found part = stage.parts().get(id);
            if (part == null) {
                throw Stop.sliceOver("combine");
            }
            int objects = group.stream().mapToInt(PartEntry::objects).sum();
            PartEntry entry =
                    new PartEntry(group.getLast().slot(), id, part.name(), n, objects, part.size(), List.of());
            combined.add(entry);
            next.add(entry);
        }
        return next;
    }

    private Part body(PartEntry part) {
        StateFolder folder = slice.folder();
        if (part.size() > INLINE_LIMIT) {
            // The function's own credentials do not open the ledger.
            return new Part.Reference(slice.store()
                    .presign(
                            folder.bucket(),
                            folder.prefix() + part.name(),
                            function.timeout().plus(MARGIN))
                    .toString());
        }
        byte[] known = stage.remembered(part.name());
        byte[] bytes = known != null
                ? known
                : folder.read(part.name())
                        .orElseThrow(() -> new CorruptRecordException(
                                folder.address(part.name()), "was there when the combining began and is gone"))
                        .bytes();
        boolean json = bytes.length > 0 && "{[\"-0123456789tfn \t\r\n".indexOf(bytes[0]) >= 0;
        return new Part.Body(json ? "application/json" : "application/octet-stream", bytes);
    }

    /** A group on its way through the dispatcher. */
    private final class GroupItem implements WorkItem {
        private final String id;
        private final int level;
        private final List<PartEntry> group;
        private final @Nullable Note before;

        GroupItem(String id, int level, List<PartEntry> group, @Nullable Note before) {
            this.id = id;
            this.level = level;
            this.group = group;
            this.before = before;
        }

        @Override
        public String partId() {
            return id;
        }

        @Override
        public int attemptsMade() {
            return before != null && before.kind() == Note.Kind.POSTPONED ? before.attempts() : 0;
        }

        @Override
        public int objects() {
            return 1;
        }

        @Override
        public FunctionClient.Event event(int attempt) {
            return calls.combine(
                    id, level, group.stream().map(CombineTree.this::body).toList());
        }

        @Override
        public List<? extends WorkItem> halves() {
            return List.of();
        }
    }

    private final class GroupSink implements PartSink {
        private final List<Failure> failures;

        GroupSink(List<Failure> failures) {
            this.failures = failures;
        }

        @Override
        public Verdict accept(WorkItem item, FunctionClient.Reply.Result result, int attempt) {
            stage.keep(item.partId(), result.body(), result.contentType());
            return new Verdict.Written();
        }

        @Override
        public void failed(WorkItem item, Failure failure, int attempts) {
            stage.failed(item.partId(), 1, ((GroupItem) item).before, failure, attempts);
            failures.add(failure);
        }

        @Override
        public void postponed(WorkItem item, Failure last, int attempts) {
            stage.postponed(item.partId(), 1, ((GroupItem) item).before, last, attempts);
        }
    }
}
