package dev.tidemill.dataflow;

import dev.tidemill.dataflow.Agenda.Job;
import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.store.StoreException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends work to one function, never more at a time than its {@link Share}, until all of it is a part, a failure, or left for the
 * next slice. One thread decides; what waits for the function and writes parts runs on a virtual thread each and only reports back,
 * so that nothing here needs a lock.
 *
 * <p>The rules are those of the ledger: failed calls are repeated with backoff; work that failed for good is halved until the bad
 * object stands alone, unless the function makes nothing of a part of it; work whose input changed meanwhile is replaced; after many failures without a success, or while no pod can be
 * had, one call at a time finds out whether that is over.
 */
final class Dispatcher {

    private final FunctionClient client;
    private final Callee callee;
    private final Progress progress;
    private final Surroundings surroundings;

    Dispatcher(FunctionClient client, Callee callee, Progress progress, Surroundings surroundings) {
        this.client = client;
        this.callee = callee;
        this.progress = progress;
        this.surroundings = surroundings;
    }

    /** Whom to call, and for how long to wait. */
    record Callee(URI url, Duration timeout) {}

    /**
     * What a test replaces.
     *
     * @param kill told of each step at which the process might die
     */
    record Surroundings(RetryPolicy policy, Time time, RandomGenerator random, KillSwitch kill) {

        /** The real ones. */
        static Surroundings real() {
            return new Surroundings(RetryPolicy.DEFAULT, Time.SYSTEM, RandomGenerator.getDefault(), KillSwitch.NEVER);
        }
    }

    /** {@link #run(Iterator, Share, Instant, PartSink, Executor)} on a virtual thread per call. */
    DispatchReport run(Iterator<? extends WorkItem> items, Share share, Instant stopStartingAt, PartSink sink)
            throws InterruptedException {
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            DispatchReport report = run(items, share, stopStartingAt, sink, threads);
            threads.shutdown();
            return report;
        } finally {
            threads.shutdownNow();
        }
    }

    /**
     * Starts no call after {@code stopStartingAt} and waits for those in flight; those that timed out may still hold permits of the
     * share when it returns.
     *
     * @throws RuntimeException what the sink threw, after all calls in flight have ended
     */
    DispatchReport run(
            Iterator<? extends WorkItem> items, Share share, Instant stopStartingAt, PartSink sink, Executor threads)
            throws InterruptedException {
        return new Run(new Agenda(items), share, stopStartingAt, sink, threads).toItsEnd();
    }

    /** What a call's thread reports to the deciding one. */
    private sealed interface News {
        /** The call ended, and how. */
        record Ended(Job job, Outcome outcome) implements News {}

        /** Another call may be started. */
        record PermitBack() implements News {}
    }

    /** How an attempt ended. */
    private sealed interface Outcome {
        record Written() implements Outcome {}

        record Replaced(List<? extends WorkItem> replacements) implements Outcome {}

        record Refused(Failure failure) implements Outcome {}

        record Failed(Failure failure, @Nullable Instant notBefore) implements Outcome {}

        record TimedOut(Failure failure) implements Outcome {}

        record NoCapacity(String message) implements Outcome {}

        record Broken(RuntimeException cause) implements Outcome {}
    }

    private final class Run {

        private final RetryPolicy policy = surroundings.policy();
        private final Gate gate = new Gate(policy);
        private final BlockingQueue<News> news = new LinkedBlockingQueue<>();
        private final Agenda agenda;
        private final Share share;
        private final Instant stopStartingAt;
        private final PartSink sink;
        private final Executor threads;

        private int active;
        private long written;
        private long failed;
        private long stale;
        private long retried;
        private long calls;
        private @Nullable RuntimeException broken;

        Run(Agenda agenda, Share share, Instant stopStartingAt, PartSink sink, Executor threads) {
            this.agenda = agenda;
            this.share = share;
            this.stopStartingAt = stopStartingAt;
            this.sink = sink;
            this.threads = threads;
        }

        DispatchReport toItsEnd() throws InterruptedException {
            try (var _ = share.onGiveBack(() -> news.add(new News.PermitBack()))) {
                while (true) {
                    settleWhatEnded();
                    if (startOne()) {
                        continue;
                    }
                    if (active == 0 && !mayStartLater()) {
                        break;
                    }
                    waitForNews();
                }
            }
            if (broken != null) {
                throw broken;
            }
            return report();
        }

        private boolean startOne() {
            Instant now = surroundings.time().now();
            if (!mayStart(now) || !share.tryTake()) {
                return false;
            }
            start(agenda.take(now));
            return true;
        }

        private boolean mayStart(Instant now) {
            return broken == null
                    && now.isBefore(stopStartingAt)
                    && gate.admits(active, now)
                    // A permit is free again while the reply is still being written, so that the function need not wait
                    // for the store; twice the share bounds the replies in memory.
                    && active < 2 * share.size()
                    && !agenda.nextDue().isAfter(now);
        }

        /** Whether there is, before the slice ends, a moment at which the next call may start although no call is in flight. */
        private boolean mayStartLater() {
            return broken == null
                    && !agenda.isEmpty()
                    && !gate.shut()
                    && nextStart().isBefore(stopStartingAt)
                    && surroundings.time().now().isBefore(stopStartingAt);
        }

        /** When the next call may start if nothing happens until then. */
        private Instant nextStart() {
            Instant due = agenda.nextDue();
            return due.isAfter(gate.quietUntil()) ? due : gate.quietUntil();
        }

        private void waitForNews() throws InterruptedException {
            // With permits missing or calls in flight only news can help; the clock alone helps when a pause is the
            // obstacle.
            Instant start = nextStart();
            Instant until = start.isAfter(surroundings.time().now()) && start.isBefore(stopStartingAt)
                    ? start
                    : active > 0 ? Instant.MAX : stopStartingAt;
            hear(surroundings.time().await(news, until));
        }

        private void settleWhatEnded() {
            for (News next = news.poll(); next != null; next = news.poll()) {
                hear(next);
            }
        }

        private void hear(@Nullable News next) {
            if (next instanceof News.Ended(Job job, Outcome outcome)) {
                active--;
                settle(job, outcome);
                progress.hold = gate.hold(surroundings.time().now());
            }
        }

        private void start(Job job) {
            gate.started();
            active++;
            calls++;
            progress.calls.increment();
            progress.running.incrementAndGet();
            threads.execute(() -> {
                try {
                    attempt(job);
                } catch (RuntimeException e) {
                    report(job, new Outcome.Broken(e));
                } finally {
                    progress.running.decrementAndGet();
                }
            });
        }

        private void report(Job job, Outcome outcome) {
            news.add(new News.Ended(job, outcome));
        }

        private void attempt(Job job) {
            surroundings.kill().at(KillPoint.BEFORE_CALL);
            int attempt = job.attempts() + 1;
            Reply reply = call(job.item().event(attempt));
            if (reply instanceof Reply.Result result) {
                share.giveBack();
                report(job, keep(job, result, attempt));
            } else {
                // In this order: whoever gets the permit must know already that the function asked for silence.
                report(job, verdict(reply));
                release(reply);
            }
        }

        private Reply call(FunctionClient.Event event) {
            try {
                return client.call(callee.url(), event, callee.timeout());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for " + callee.url(), e);
            }
        }

        private void release(Reply reply) {
            if (reply instanceof Reply.TimedOut(Duration _, CompletionStage<Void> released)) {
                released.whenComplete((_, _) -> share.giveBack());
            } else {
                share.giveBack();
            }
        }

        private Outcome keep(Job job, Reply.Result result, int attempt) {
            surroundings.kill().at(KillPoint.AFTER_REPLY);
            try {
                return switch (sink.accept(job.item(), result, attempt)) {
                    case PartSink.Verdict.Written() -> new Outcome.Written();
                    case PartSink.Verdict.Stale(var replacements) -> new Outcome.Replaced(replacements);
                    case PartSink.Verdict.Rejected(Failure failure) -> new Outcome.Refused(failure);
                };
            } catch (StoreException.Unavailable e) {
                String message = "the store did not take the result: " + e.getMessage();
                return new Outcome.Failed(Failure.passing("StoreUnavailable", message), null);
            }
        }

        private Outcome verdict(Reply reply) {
            return switch (reply) {
                case Reply.Result _ -> throw new IllegalStateException("a result is kept, not judged");
                case Reply.Final(Failure failure) -> new Outcome.Refused(failure);
                case Reply.Transient(int status, String message, Instant retryAfter) -> {
                    String reason = status <= 0 ? "FunctionUnreachable" : "FunctionFailed";
                    yield new Outcome.Failed(Failure.passing(reason, message), retryAfter);
                }
                case Reply.TimedOut(Duration after, CompletionStage<Void> _) -> {
                    String message = "no reply from " + callee.url() + " within " + after.toSeconds()
                            + " s: raise the function's timeout, or make the shards smaller";
                    yield new Outcome.TimedOut(Failure.passing("FunctionTimedOut", message));
                }
                case Reply.NoCapacity(String message) -> new Outcome.NoCapacity(message);
            };
        }

        private void settle(Job job, Outcome outcome) {
            switch (outcome) {
                case Outcome.Written() -> {
                    gate.succeeded();
                    written++;
                    progress.written.increment();
                }
                case Outcome.Replaced(var replacements) -> {
                    gate.succeeded();
                    stale++;
                    progress.stale.increment();
                    replace(job, replacements);
                }
                case Outcome.Refused(Failure failure) -> {
                    failed(failure);
                    giveUp(job.afterFailure(failure), failure);
                }
                case Outcome.Failed(Failure failure, Instant notBefore) -> {
                    failed(failure);
                    tryAgain(job.afterFailure(failure), failure, notBefore);
                }
                case Outcome.TimedOut(Failure failure) -> {
                    failed(failure);
                    // It has cost the function's whole time, and maybe still does: three of these are enough.
                    tryAgain(job.afterFailure(failure).afterFailure(failure), failure, null);
                }
                case Outcome.NoCapacity(String message) -> {
                    gate.foundNoCapacity(message);
                    gate.quiet(pauseFrom(gate.patience()));
                    agenda.addFirst(List.of(job));
                }
                case Outcome.Broken(RuntimeException cause) -> {
                    if (broken == null) {
                        broken = cause;
                    } else {
                        broken.addSuppressed(cause);
                    }
                }
            }
        }

        private void failed(Failure failure) {
            if (gate.failed(failure.message())) {
                gate.quiet(pauseFrom(gate.patience() + 1));
            }
        }

        private void tryAgain(Job job, Failure failure, @Nullable Instant notBefore) {
            if (notBefore != null) {
                gate.quiet(notBefore);
            }
            // Whether it is the function that is down or an object that is bad, the smallest call tells soonest.
            boolean cutNow = gate.probing() && job.item().divisible();
            if (cutNow || job.exhausted(policy)) {
                giveUp(job, failure);
                return;
            }
            retried++;
            progress.retried.increment();
            agenda.addAt(pauseFrom(job.attempts()), job);
        }

        private void giveUp(Job job, Failure failure) {
            List<Job> halves = job.halves();
            if (halves.isEmpty()) {
                fail(job, failure);
            } else {
                agenda.addFirst(halves);
            }
        }

        private void replace(Job job, List<? extends WorkItem> replacements) {
            if (job.staleness() < policy.staleness()) {
                agenda.addFirst(replacements.stream().map(job::replacedBy).toList());
                return;
            }
            String message = "its objects were changed " + (policy.staleness() + 1)
                    + " times while they were being processed: let their writer finish, or write under new keys";
            fail(job, Failure.passing("InputKeepsChanging", message));
        }

        private void fail(Job job, Failure failure) {
            failed += job.item().objects();
            progress.failed.add(job.item().objects());
            sink.failed(job.item(), failure, job.attempts());
        }

        private Instant pauseFrom(int failures) {
            return surroundings.time().now().plus(policy.backoff().pause(failures, surroundings.random()));
        }

        private DispatchReport report() {
            boolean more = !agenda.isEmpty();
            for (Job job : agenda.begun()) {
                if (job.last() != null && job.attempts() > 0) {
                    sink.postponed(job.item(), job.last(), job.attempts());
                }
            }
            return new DispatchReport(
                    written,
                    failed,
                    stale,
                    retried,
                    calls,
                    more,
                    more ? gate.hold(surroundings.time().now()) : null);
        }
    }
}
