package dev.tidemill.dataflow;

import dev.tidemill.api.CombineData.Finish;
import dev.tidemill.api.Part;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.internal.ledger.CorruptRecordException;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.PartEntry;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.dataflow.internal.shards.GroupCutter;
import dev.tidemill.dataflow.internal.work.Note;
import dev.tidemill.dataflow.internal.work.Parts;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

    /**
     * What a round comes to, of everything combined.
     *
     * @throws Stop when the slice ends first, or the function refuses
     */
    PartEntry finish(PartEntry all, Finish finish) throws InterruptedException {
        // Of an equal list in another revision the function tells another revision.
        String id = GroupCutter.id(List.of(all), fingerprint + " finish " + finish.revision());
        dispatch(List.of(
                new GroupItem(id, all.level() + 1, List.of(all), stage.notes().get(id), finish)));
        PartEntry state = entry(id, List.of(all), all.level() + 1);
        combined.add(state);
        slice.passed(KillPoint.COMBINE_LEVEL_DONE);
        return state;
    }

    private List<PartEntry> combine(List<PartEntry> level, int n, boolean always) throws InterruptedException {
        List<List<PartEntry>> groups = GroupCutter.cut(level, n, INLINE_LIMIT);
        List<GroupItem> wanted = new ArrayList<>();
        for (List<PartEntry> group : groups) {
            String id = GroupCutter.id(group, fingerprint);
            if (group.size() > 1 || always) {
                wanted.add(new GroupItem(id, n, group, stage.notes().get(id), null));
            }
        }
        dispatch(wanted);
        return results(groups, n, always);
    }

    /** Computes what is not there yet. */
    private void dispatch(List<GroupItem> wanted) throws InterruptedException {
        List<GroupItem> missing = new ArrayList<>();
        List<Failure> blocked = new ArrayList<>();
        long retryAt = Long.MAX_VALUE;
        for (GroupItem item : wanted) {
            if (stage.parts().get(item.id) != null) {
                continue;
            }
            Note note = item.before;
            if (note != null && note.blocks(slice.now(), slice.task().wishes().redrive())) {
                blocked.add(new Failure(
                        note.reason(), note.message(), note.object(), note.line(), note.byteOffset(), true));
                retryAt = Math.min(retryAt, note.retryAt());
            } else {
                missing.add(item);
            }
        }
        if (blocked.isEmpty() && !missing.isEmpty()) {
            DispatchReport report = stage.dispatch(function, missing.iterator(), new GroupSink(blocked));
            StageRun.stopIfMore(report, "combine");
        }
        if (!blocked.isEmpty()) {
            Failure first = blocked.getFirst();
            boolean finishing = wanted.getFirst().finish != null;
            throw new Stop(
                    State.FAILED,
                    finishing ? first.reason() : "CombineFailed",
                    finishing
                            ? first.message()
                            : blocked.size() + " groups of results could not be combined by " + function.name() + ": "
                                    + first.message(),
                    retryAt == Long.MAX_VALUE ? null : Instant.ofEpochMilli(retryAt),
                    blocked.subList(0, Math.min(blocked.size(), SliceReplies.FAILURES)));
        }
    }

    private List<PartEntry> results(List<List<PartEntry>> groups, int n, boolean always) {
        List<PartEntry> next = new ArrayList<>();
        for (List<PartEntry> group : groups) {
            if (group.size() == 1 && !always) {
                next.add(group.getFirst());
                continue;
            }
            PartEntry entry = entry(GroupCutter.id(group, fingerprint), group, n);
            combined.add(entry);
            next.add(entry);
        }
        return next;
    }

    private PartEntry entry(String id, List<PartEntry> group, int level) {
        Parts.Found part = stage.parts().get(id);
        if (part == null) {
            throw Stop.sliceOver("combine");
        }
        int objects = group.stream().mapToInt(PartEntry::objects).sum();
        return new PartEntry(group.getLast().slot(), id, part.name(), level, objects, part.size(), List.of());
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

    private static boolean isObject(byte[] json) {
        try {
            return Json.MAPPER.readTree(json).isObject();
        } catch (IOException e) {
            return false;
        }
    }

    /** A group on its way through the dispatcher. */
    private final class GroupItem implements WorkItem {
        private final String id;
        private final int level;
        private final List<PartEntry> group;
        private final @Nullable Note before;
        private final @Nullable Finish finish;

        GroupItem(String id, int level, List<PartEntry> group, @Nullable Note before, @Nullable Finish finish) {
            this.id = id;
            this.level = level;
            this.group = group;
            this.before = before;
            this.finish = finish;
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
                    id, level, group.stream().map(CombineTree.this::body).toList(), finish);
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
            if (((GroupItem) item).finish != null && !isObject(result.body())) {
                return new Verdict.Rejected(
                        Failure.lasting("NoState", "what a round comes to is a JSON object, and the reply is none"));
            }
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
