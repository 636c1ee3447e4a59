package dev.tidemill.dataflow;

import dev.tidemill.dataflow.Permits.Loan;
import dev.tidemill.dataflow.SliceReply.State;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where one Dataset stands: whether it wants a slice, from when on, and of which run. It decides and does nothing; the driver's
 * thread alone touches it.
 */
final class Course {

    /** Commits of one Dataset are at least this far apart, so that a storm of events does not become a storm of revisions. */
    private static final Duration BETWEEN_RUNS = Duration.ofSeconds(5);

    private static final Duration WHILE_BUSY = Duration.ofSeconds(15);

    /** A function or a materializer that failed so many slices in a row is reported, though it is tried on. */
    private static final int STALLED = 3;

    /**
     * Most slices of a resync find nothing and are over sooner. That a Dataset was looked at is no news of it: told each time, it would
     * cost ten thousand of them twenty thousand writes a resync.
     */
    private static final Duration LOOK = Duration.ofSeconds(5);

    private static final int MOST_KEYS = 1_000;
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));

    private final Duration sliceLimit;
    private final Duration patience;
    private final RandomGenerator random;
    private Assignment assignment;
    private Phase phase;
    private Run run;
    private @Nullable Run next;
    private boolean begun;
    private boolean outdated;
    private int setbacks;
    private @Nullable SliceReply reply;
    private @Nullable String trouble;
    private @Nullable Shortage shortage;
    private long committedGeneration;
    private Instant endOfLastRun = Instant.MIN;

    Course(Assignment assignment, Driver.Settings settings, Instant now, RandomGenerator random) {
        this.sliceLimit = settings.sliceLimit();
        this.patience = settings.patience();
        this.random = random;
        this.assignment = assignment;
        this.run = new Run(newRunId(), Trace.of(null, random), new HashSet<>(), true, settings.alone());
        this.phase = new Phase.Wanting(now, now);
    }

    /** What it is doing. */
    sealed interface Phase {
        /** Nothing until the next resync. */
        record Idle(Instant resync) implements Phase {}

        /** It wants a slice, not before a moment. */
        record Wanting(Instant since, Instant notBefore) implements Phase {}

        /**
         * A slice is under way.
         *
         * @param looking it may find nothing to do; a while later it surely has found something
         */
        record Running(Loan loan, Instant since, boolean looking) implements Phase {}

        /** A slice may be under way, and holds its permits until it surely has ended. */
        record Lost(Loan loan, Instant until) implements Phase {}
    }

    /**
     * A function has no permit left for it.
     *
     * @param kept whether for slices that nobody hears of any more, which takes minutes; else others are at work
     */
    record Shortage(String message, boolean kept) {}

    /** One look at the input and the work that follows from it, in any number of slices. */
    private record Run(String id, Trace trace, Set<String> keys, boolean full, boolean takeOver) {
        Run takingOver(boolean takeOver) {
            return new Run(id, trace, keys, full, takeOver);
        }
    }

    Assignment assignment() {
        return assignment;
    }

    Phase phase() {
        return phase;
    }

    @Nullable
    SliceReply reply() {
        return reply;
    }

    /** What went wrong on the way to the materializer, or null. */
    @Nullable
    String trouble() {
        return trouble;
    }

    /** The generation of the spec that the committed revision was made for, 0 when there is none. */
    long committedGeneration() {
        return committedGeneration;
    }

    /** What keeps it from a slice that is due, or null. */
    @Nullable
    Shortage shortage() {
        return phase instanceof Phase.Wanting ? shortage : null;
    }

    /** @return whether that is news */
    boolean lacks(@Nullable Shortage now) {
        boolean news = !Objects.equals(shortage, now);
        shortage = now;
        return news;
    }

    boolean wants(Instant now) {
        return phase instanceof Phase.Wanting(Instant _, Instant notBefore)
                && !notBefore.isAfter(now)
                && !assignment.suspended();
    }

    /** Its slice has been due for a while, so that the wait is worth telling. */
    boolean isOverdue(Instant now) {
        return wants(now)
                && phase instanceof Phase.Wanting(Instant _, Instant due)
                && !due.plus(LOOK).isAfter(now);
    }

    /** It has waited for its ancestors as long as between two resyncs: one that is always at work must not starve it. */
    boolean hasWaitedLongEnough(Instant now) {
        return phase instanceof Phase.Wanting(Instant since, Instant _)
                && since.plus(assignment.task().policy().resync()).isBefore(now);
    }

    /** A slice is under way, or due as soon as its turn comes; a child may wait for this to end. */
    boolean isAtWork(Instant now) {
        return switch (phase) {
            case Phase.Idle _ -> false;
            case Phase.Wanting _ -> wants(now);
            case Phase.Running _, Phase.Lost _ -> true;
        };
    }

    /** Nothing will change by itself before the next resync, or it has failed so often that somebody should be told. */
    boolean isSettled() {
        return assignment.suspended() || isStalled() || next == null && phase instanceof Phase.Idle;
    }

    boolean isStalled() {
        return setbacks >= STALLED;
    }

    void declare(Assignment changed, Instant now) {
        boolean same = assignment.asksForTheSameAs(changed);
        assignment = changed;
        if (!same) {
            setbacks = 0;
            // What a run under way has planned is not what is wanted any more; it ends with its slice.
            outdated = begun;
            wake(Set.of(), null, now, now);
        }
    }

    /**
     * Something may have changed: these keys, or anything when there are none.
     *
     * @param cause the traceparent of what said so, or null
     */
    void wake(Set<String> keys, @Nullable String cause, Instant now) {
        wake(keys, cause, now, endOfLastRun.plus(BETWEEN_RUNS));
    }

    private void wake(Set<String> keys, @Nullable String cause, Instant now, Instant notBefore) {
        switch (phase) {
            case Phase.Idle _ -> begin(runFor(keys, cause), now, notBefore);
            case Phase.Wanting _ when !begun -> run = merged(run, keys);
            case Phase.Wanting _ when outdated -> begin(runFor(Set.of(), cause), now, now);
            case Phase.Wanting _, Phase.Running _, Phase.Lost _ ->
                next = next == null ? runFor(keys, cause) : merged(next, keys);
        }
    }

    /** When the clock alone will bring something about. */
    Instant nextMoment(Instant now) {
        return switch (phase) {
            case Phase.Idle(Instant resync) -> assignment.suspended() ? Instant.MAX : resync;
            case Phase.Wanting _ when assignment.suspended() -> Instant.MAX;
            case Phase.Wanting(Instant _, Instant due) -> due.isAfter(now) ? due : due.plus(LOOK);
            case Phase.Running(Loan _, Instant since, boolean looking) -> looking ? since.plus(LOOK) : Instant.MAX;
            case Phase.Lost(Loan _, Instant until) -> until;
        };
    }

    /** Lets time pass, and hands back a loan whose slice has surely ended. */
    @Nullable
    Loan tick(Instant now) {
        if (phase instanceof Phase.Idle(Instant resync) && !resync.isAfter(now)) {
            begin(runFor(Set.of(), null), now, now);
        }
        if (phase instanceof Phase.Running(Loan loan, Instant since, boolean looking)
                && looking
                && !since.plus(LOOK).isAfter(now)) {
            phase = new Phase.Running(loan, since, false);
        }
        if (phase instanceof Phase.Lost(Loan loan, Instant until) && !until.isAfter(now)) {
            run = run.takingOver(true);
            again(now, now);
            return loan;
        }
        return null;
    }

    SliceRequest send(Loan loan, Instant now) {
        begun = true;
        phase = new Phase.Running(loan, now, true);
        return new SliceRequest(
                assignment.task(),
                new SliceRequest.Turn(run.id, run.trace, loan.share(), sliceLimit, run.keys, run.full, run.takeOver));
    }

    /** @return the loan, unless the slice may still be using it */
    @Nullable
    Loan ended(SliceRequest sent, Slices.Outcome outcome, Instant now) {
        if (!(phase instanceof Phase.Running(Loan loan, Instant since, boolean _))) {
            throw new IllegalStateException(sent.task().dataset() + ": a slice ended that was not running");
        }
        switch (outcome) {
            case Slices.Outcome.Replied(SliceReply latest) -> {
                trouble = null;
                replied(sent, latest, now);
            }
            case Slices.Outcome.NotStarted(String message) -> {
                trouble = message;
                setbacks++;
                again(now.plus(BACKOFF.pause(setbacks, random)), now);
            }
            case Slices.Outcome.Lost(String message) -> {
                trouble = message;
                setbacks++;
                Instant over = since.plus(sent.turn().sliceLimit())
                        .plus(sent.task().longestCall())
                        .plus(patience);
                phase = new Phase.Lost(loan, over.isAfter(now) ? over : now);
                return null;
            }
        }
        return loan;
    }

    private void replied(SliceRequest sent, SliceReply latest, Instant now) {
        boolean progress =
                reply == null || latest.items().succeeded() > reply.items().succeeded();
        boolean stands = latest.state() == State.DONE || latest.state() == State.DEGRADED;
        if (stands) {
            committedGeneration = sent.task().dataset().generation();
        }
        reply = latest;
        run = run.takingOver(false);
        switch (latest.state()) {
            case MORE -> {
                // The materializer says when it makes sense to come back; coming back in vain again and again makes no
                // sense.
                setbacks = progress || !latest.reason().equals("FunctionFailing") ? 0 : setbacks + 1;
                Instant notBefore = setbacks == 0 ? now : now.plus(BACKOFF.pause(setbacks, random));
                again(later(notBefore, latest.retryAt()), now);
            }
            case BUSY -> {
                // Who has the lease mostly gives it back long before it runs out: a driver that was started anew meets
                // the slice that the one before had begun.
                Instant free = latest.retryAt();
                Instant look = now.plus(WHILE_BUSY);
                again(free == null || free.isAfter(look) ? look : later(now.plusSeconds(1), free), now);
            }
            case DONE, DEGRADED -> {
                setbacks = 0;
                over(now.plus(sent.task().policy().resync()), now);
            }
            case FAILED -> {
                setbacks = 0;
                over(latest.retryAt() == null ? now.plus(sent.task().policy().resync()) : latest.retryAt(), now);
            }
            case HELD -> {
                setbacks = 0;
                over(now.plus(sent.task().policy().resync()), now);
            }
        }
    }

    private void again(Instant notBefore, Instant now) {
        if (outdated && next != null) {
            begin(next, now, now);
            return;
        }
        phase = new Phase.Wanting(now, notBefore);
    }

    private void over(Instant resync, Instant now) {
        endOfLastRun = now;
        phase = new Phase.Idle(resync.isAfter(now) ? resync : now);
        if (next != null) {
            begin(next, now, now.plus(BETWEEN_RUNS));
        }
    }

    private void begin(Run fresh, Instant now, Instant notBefore) {
        run = fresh;
        next = null;
        begun = false;
        outdated = false;
        phase = new Phase.Wanting(now, later(now, notBefore));
    }

    private Run runFor(Set<String> keys, @Nullable String cause) {
        return new Run(newRunId(), Trace.of(cause, random), new HashSet<>(keys), keys.isEmpty(), false);
    }

    private static Run merged(Run run, Set<String> more) {
        var keys = new HashSet<>(run.keys);
        keys.addAll(more);
        // A full listing is cheaper than so many narrow ones.
        boolean full = run.full || more.isEmpty() || keys.size() > MOST_KEYS;
        return new Run(run.id, run.trace, full ? new HashSet<>() : keys, full, run.takeOver);
    }

    private String newRunId() {
        return Long.toHexString(random.nextLong());
    }

    private static Instant later(Instant a, @Nullable Instant b) {
        return b == null || a.isAfter(b) ? a : b;
    }
}
