package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.CombineData.Finish;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec.Reprocess;
import dev.tidemill.dataflow.InputScan.Scanned;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.internal.ledger.FailureEntry;
import dev.tidemill.dataflow.internal.ledger.Fingerprint;
import dev.tidemill.dataflow.internal.ledger.Garbage;
import dev.tidemill.dataflow.internal.ledger.Ledger.Current;
import dev.tidemill.dataflow.internal.ledger.Manifest;
import dev.tidemill.dataflow.internal.ledger.Manifest.Location;
import dev.tidemill.dataflow.internal.ledger.Manifest.StageRecord;
import dev.tidemill.dataflow.internal.ledger.PartEntry;
import dev.tidemill.dataflow.internal.ledger.Plan;
import dev.tidemill.dataflow.internal.ledger.Plan.Stage;
import dev.tidemill.store.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One slice of a run: looks at the ledger, does the next thing that is due, and looks again, until nothing is due or the time is up.
 * It remembers nothing: whatever it needs to go on with is in the bucket.
 */
final class Slice {

    /** A stream of events must not become a stream of revisions. */
    private static final Duration BETWEEN_COMMITS = Duration.ofSeconds(5);

    private final SliceContext slice;
    private final Task task;
    private final SliceRequest.Turn turn;
    private final Fingerprints fingerprints;
    private final String spec;
    private final Rounds rounds;
    private boolean swept;
    private boolean scanned;
    private boolean rescan;

    Slice(SliceContext slice) {
        this.slice = slice;
        task = slice.task();
        turn = slice.turn();
        fingerprints = new Fingerprints(task, new SideInputs(slice));
        spec = fingerprints.spec();
        rounds = new Rounds(slice, fingerprints, spec);
    }

    /** What to do next. */
    private sealed interface Due {
        record Work(Plan plan, boolean resumed) implements Due {}

        /** Something was committed: the ledger is another one now. */
        record LookAgain() implements Due {}

        record Nothing() implements Due {}
    }

    /** @throws Stop when the run is not done, and why */
    void work() throws InterruptedException {
        while (true) {
            Current current = slice.ledger().current();
            Manifest base = current == null ? null : slice.ledger().manifest(current.head());
            slice.segments().startOver(slice.nonce());
            if (base != null) {
                slice.segments().share(base.segments().toList());
                sweep(base);
            }
            Plan latest = slice.ledger()
                    .latestPlan(current == null ? 0 : current.head().revision())
                    .orElse(null);
            Due due = latest != null && !rescan && goesOn(latest, current, base)
                    ? new Due.Work(latest, true)
                    : due(current, base, latest);
            switch (due) {
                case Due.Work(Plan plan, boolean resumed) -> execute(plan, resumed, current, base);
                case Due.LookAgain() -> {}
                case Due.Nothing() -> {
                    if (base != null && slice.output() != null && base.view() != null) {
                        PublishedView.publish(slice, slice.output(), base);
                    }
                    return;
                }
            }
            if (slice.over()) {
                throw Stop.sliceOver("the run");
            }
        }
    }

    /** Deletes what was condemned a retention ago. */
    private void sweep(Manifest base) {
        if (swept || base.garbage().isEmpty()) {
            return;
        }
        swept = true;
        long limit = slice.now() - task.policy().retention().toMillis();
        RunState run = slice.lease().state();
        long before = base.commit().equals(run.sweptCommit()) ? run.sweptUntil() : Long.MIN_VALUE;
        if (limit <= before) {
            return;
        }
        boolean samePlace = Objects.equals(base.view(), view());
        new Garbage(slice.folder(), samePlace ? slice.output() : null, slice.segments()).sweep(base, limit, before);
        slice.passed(KillPoint.GARBAGE_SWEPT);
        slice.lease().update(state -> state.withSwept(base.commit(), limit));
    }

    /** Whether the newest plan is still worth working on. */
    private boolean goesOn(Plan plan, @Nullable Current current, @Nullable Manifest base) {
        String commit = current == null ? null : current.head().commit();
        boolean settled = plan.name().equals(slice.lease().state().settled());
        return Objects.equals(plan.baseCommit(), commit)
                && plan.spec().equals(spec)
                && plan.fingerprint().equals(fingerprint(plan.stage(), plan.bucket(), base))
                && (!settled || plan.run().equals(turn.run()));
    }

    private @Nullable Fingerprint fingerprint(Stage stage, String bucket, @Nullable Manifest base) {
        FunctionTarget function = stage == Stage.DATA ? task.function() : task.profiler();
        if (function == null) {
            return null;
        }
        return stage == Stage.DATA ? data(function, bucket, base) : fingerprints.profile(function, bucket);
    }

    private Fingerprint data(FunctionTarget function, String bucket, @Nullable Manifest base) {
        return task.rounds()
                ? fingerprints.round(function, Objects.requireNonNull(task.combine()), bucket, rounds.state(base))
                : fingerprints.data(function, bucket, base == null ? null : base.data());
    }

    /** What there is to do, planned. A source's new revision is committed here and needs no plan. */
    private Due due(@Nullable Current current, @Nullable Manifest base, @Nullable Plan latest)
            throws InterruptedException {
        if (task.rounds()) {
            return roundDue(current, base, latest);
        }
        boolean covered =
                !rescan && (scanned || (current != null && current.head().run().equals(turn.run())));
        boolean frozen = base != null && task.policy().reprocess() == Reprocess.Never;
        if (!covered && !frozen) {
            keepApart(current);
            Scanned input = new InputScan(slice, base, spec, rescan).scan();
            rescan = false;
            FunctionTarget function = task.function();
            if (function == null) {
                scanned = true;
                if (input.differs()) {
                    scanned = new Committer(slice, current, base, spec, view())
                            .data(new Committer.Data(
                                    turn.run(), List.of(), input.bucket(), input.objects(), input.objects(), null));
                    return new Due.LookAgain();
                }
            } else {
                Fingerprint fingerprint =
                        fingerprints.data(function, input.bucket(), base == null ? null : base.data());
                if (input.differs() || stale(base == null ? null : base.data(), fingerprint) || moved(base)) {
                    Plan plan = new Planner(slice, spec)
                            .plan(
                                    current,
                                    latest,
                                    Stage.DATA,
                                    fingerprint,
                                    input.ancestors(),
                                    input.bucket(),
                                    input.objects(),
                                    splitter(function, input.bucket(), task.format()));
                    return new Due.Work(plan, false);
                }
                scanned = true;
            }
        }
        Plan plan = profileDue(current, base, latest);
        return plan == null ? new Due.Nothing() : new Due.Work(plan, false);
    }

    /** The next round goes over what the last one went over; the input is looked at when all of them are done. */
    private Due roundDue(@Nullable Current current, @Nullable Manifest base, @Nullable Plan latest)
            throws InterruptedException {
        FunctionTarget function = Objects.requireNonNull(task.function());
        JsonNode last = rounds.last(base);
        boolean under = last != null && !Rounds.done(last);
        Scanned input;
        if (base != null && under && !rescan) {
            input = new Scanned(base.inputBucket(), base.inputs(), base.ancestors(), false);
        } else {
            boolean done = last != null && !under && !rescan;
            boolean covered = scanned || current != null && current.head().run().equals(turn.run());
            if (done && (covered || task.policy().reprocess() == Reprocess.Never)) {
                return new Due.Nothing();
            }
            keepApart(current);
            input = new InputScan(slice, base, spec, rescan).scan();
            rescan = false;
            if (done && base != null && input.objects().equals(base.inputs())) {
                scanned = true;
                return new Due.Nothing();
            }
        }
        Plan plan = new Planner(slice, spec)
                .plan(
                        current,
                        latest,
                        Stage.DATA,
                        data(function, input.bucket(), base),
                        input.ancestors(),
                        input.bucket(),
                        input.objects(),
                        splitter(function, input.bucket(), task.format()));
        return new Due.Work(plan, false);
    }

    private boolean moved(@Nullable Manifest base) {
        return base == null || !base.spec().equals(spec);
    }

    private @Nullable Plan profileDue(@Nullable Current current, @Nullable Manifest base, @Nullable Plan latest)
            throws InterruptedException {
        FunctionTarget profiler = task.profiler();
        Location view = base == null ? null : base.view();
        if (profiler == null || base == null || view == null || !tabular()) {
            return null;
        }
        Fingerprint fingerprint = fingerprints.profile(profiler, view.bucket());
        StageRecord before = base.profile();
        if (before != null && before.revision() == base.revision() && !stale(before, fingerprint)) {
            return null;
        }
        return new Planner(slice, spec)
                .plan(
                        current,
                        latest,
                        Stage.PROFILE,
                        fingerprint,
                        base.ancestors(),
                        view.bucket(),
                        base.shown(),
                        splitter(profiler, view.bucket(), shownFormat()));
    }

    /** Whether a finished stage was computed otherwise, or has failures that are due. */
    private boolean stale(@Nullable StageRecord stage, Fingerprint fingerprint) {
        if (stage == null || !stage.fingerprint().equals(fingerprint)) {
            return true;
        }
        if (stage.failedItems() == 0) {
            return false;
        }
        String redrive = task.wishes().redrive();
        if (slice.now() >= stage.nextRetry()) {
            return true;
        }
        Iterator<FailureEntry> failures = slice.segments().read(stage.failures(), FailureEntry.CODEC);
        while (failures.hasNext()) {
            if (failures.next().due(slice.now(), redrive)) {
                return true;
            }
        }
        return false;
    }

    private void keepApart(@Nullable Current current) {
        if (current == null || turn.fullListing() || turn.changedKeys().isEmpty()) {
            return;
        }
        long next = current.head().committedAt() + BETWEEN_COMMITS.toMillis();
        if (slice.now() < next) {
            throw new Stop(
                    State.MORE,
                    "CommitsApart",
                    "the last commit was a moment ago; events are gathered until the next",
                    Instant.ofEpochMilli(next));
        }
    }

    private void execute(Plan plan, boolean resumed, @Nullable Current current, @Nullable Manifest base)
            throws InterruptedException {
        Set<String> condemned = new Garbage(slice.folder(), slice.output(), slice.segments()).condemned(base);
        try {
            if (plan.stage() == Stage.DATA) {
                data(plan, current, base, condemned);
            } else {
                profile(plan, current, Objects.requireNonNull(base), condemned);
            }
        } catch (PlanOutdated outdated) {
            rescan = true;
        } catch (Stop stop) {
            if (stop.state != State.FAILED) {
                throw stop;
            }
            slice.lease().update(run -> run.withSettled(plan.name()));
            if (!resumed || plan.run().equals(turn.run())) {
                throw stop;
            }
            // It failed on the input as an earlier run saw it; this run has yet to look at the input itself.
        }
    }

    private void data(Plan plan, @Nullable Current current, @Nullable Manifest base, Set<String> condemned)
            throws InterruptedException {
        FunctionTarget function = Objects.requireNonNull(task.function());
        FunctionTarget combine = task.combine();
        JsonNode state = task.rounds() ? rounds.state(base) : null;
        Calls calls = calls(function, plan, task.format(), state);
        OutputObjects outputs =
                combine != null || slice.output() == null ? null : new OutputObjects(slice.output(), outputType());
        boolean checked = !(task.input() instanceof Input.Generated);
        StageRun stage = new StageRun(slice, plan, function, calls, condemned, outputs, checked);
        stage.dispatch();
        Settlement settlement = Settlement.of(slice, stage);
        var inputs = settlement.inputs();
        settlement.requireTolerable(Manifest.count(inputs));
        List<PartEntry> combined = List.of();
        PartEntry result = null;
        if (combine != null) {
            String fingerprint = Objects.requireNonNull(plan.fingerprint().combine());
            CombineTree tree =
                    new CombineTree(slice, stage, combine, calls(combine, plan, task.format(), state), fingerprint);
            result = tree.reduce(settlement.values(), !combine.name().equals(function.name()));
            if (task.rounds()) {
                result = tree.finish(whole(result), finish(plan));
            }
            combined = tree.combined();
        }
        Committer committer = new Committer(slice, current, base, spec, view());
        StageRecord record = settlement.record(committer.nextRevision(), combined, result, Manifest.count(inputs));
        committer.data(new Committer.Data(
                plan.run(),
                plan.ancestors(),
                plan.bucket(),
                inputs,
                outputs == null ? List.of() : settlement.shown(),
                record));
    }

    private PartEntry whole(@Nullable PartEntry combined) {
        if (combined == null) {
            throw Stop.held(
                    "ParentEmpty", "Dataset " + parent() + " has no objects, and there is nothing to compute of");
        }
        return combined;
    }

    private Finish finish(Plan plan) {
        return new Finish(parent().name(), plan.ancestors().getFirst().revision());
    }

    private DatasetRef parent() {
        return ((Input.Committed) task.input()).parent();
    }

    private void profile(Plan plan, @Nullable Current current, Manifest base, Set<String> condemned)
            throws InterruptedException {
        FunctionTarget profiler = Objects.requireNonNull(task.profiler());
        DataFormat format =
                task.input() instanceof Input.Listing || task.output() == null ? task.format() : outputFormat();
        Calls calls = calls(profiler, plan, format, null);
        StageRun stage = new StageRun(slice, plan, profiler, calls, condemned, null, true);
        stage.dispatch();
        Settlement settlement = Settlement.of(slice, stage);
        settlement.requireTolerable(Manifest.count(plan.inputs()));
        CombineTree tree = new CombineTree(
                slice,
                stage,
                profiler,
                calls,
                Objects.requireNonNull(plan.fingerprint().combine()));
        PartEntry result = tree.reduce(settlement.values(), false);
        StageRecord record = settlement.record(base.revision(), tree.combined(), result, Manifest.count(plan.inputs()));
        new Committer(slice, current, base, spec, base.view()).profile(base, record);
    }

    private Calls calls(FunctionTarget function, Plan plan, DataFormat format, @Nullable JsonNode state) {
        String prefix = task.input() instanceof Input.Listing listing && plan.stage() == Stage.DATA
                ? listing.prefix()
                : commonPrefix(plan);
        return new Calls(
                task,
                turn.trace(),
                function,
                plan.bucket(),
                prefix,
                format,
                task.partition().scale(),
                state);
    }

    private static String commonPrefix(Plan plan) {
        if (plan.inputs().isEmpty()) {
            return "";
        }
        String first = plan.inputs().getFirst().first();
        String last = plan.inputs().getLast().last();
        int n = 0;
        while (n < first.length() && n < last.length() && first.charAt(n) == last.charAt(n)) {
            n++;
        }
        return first.substring(0, first.lastIndexOf('/', n - 1) + 1);
    }

    private @Nullable Location view() {
        return switch (task.input()) {
            case Input.Listing(String bucket, String prefix, var _, var _)
            when task.function() == null -> new Location(bucket, prefix);
            default ->
                task.combine() != null || task.output() == null
                        ? null
                        : new Location(task.output().bucket(), task.output().prefix());
        };
    }

    private DataFormat.@Nullable Type outputType() {
        return task.output() == null ? null : task.output().format();
    }

    private DataFormat outputFormat() {
        DataFormat.Type type = outputType();
        return type == null ? DataFormat.AUTO : DataFormat.of(type);
    }

    /** How the shown objects are read. */
    private DataFormat shownFormat() {
        return task.function() == null ? task.format() : outputFormat();
    }

    /** Cuts between records are only for functions that understand ranges, and where the spec asks for them. */
    private @Nullable RecordSplitter splitter(FunctionTarget function, String bucket, DataFormat format) {
        boolean wanted = function.ranges()
                && task.partition().splitRecords()
                && !(task.input() instanceof Input.Generated && function == task.function())
                && RecordSplitter.splits(format);
        return wanted ? new RecordSplitter(slice.store(), slice.folder(), bucket, format) : null;
    }

    private boolean tabular() {
        DataFormat format = shownFormat();
        return format.type() != DataFormat.Type.Raw && format.type() != DataFormat.Type.Image;
    }
}
