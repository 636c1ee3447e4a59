package dev.tidemill.dataflow;

import dev.tidemill.api.DatasetStatus;
import dev.tidemill.dataflow.Announcements.Announcement;
import dev.tidemill.dataflow.Assignment.Cap;
import dev.tidemill.dataflow.Course.Shortage;
import dev.tidemill.dataflow.Permits.Loan;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps all Datasets going: sends their slices to the materializer, lends each slice its permits so that no function ever gets more
 * calls than its cap, announces what was committed, wakes what is derived from it, and writes statuses. The command on a laptop and
 * the operator on a cluster run the same one.
 *
 * <p>One thread decides; whatever waits (for a slice, for a broker) does so on a virtual thread and reports back.
 */
public final class Driver implements AutoCloseable {

    private static final Duration SLICE = Duration.ofMinutes(2);

    /** A slice that has stopped starting work still has to commit. */
    private static final Duration TO_COMMIT = Duration.ofMinutes(1);

    private final Slices slices;
    private final Announcer announcer;
    private final StatusSink statuses;
    private final Settings settings;
    private final Time time;
    private final RandomGenerator random;
    private final Executor threads;

    private final BlockingQueue<News> news = new LinkedBlockingQueue<>();
    private final Map<Graph.Id, Course> courses = new LinkedHashMap<>();
    private final Map<Graph.Id, DatasetStatus> written = new LinkedHashMap<>();
    private final Announcements announcements = new Announcements();
    private final List<CompletableFuture<?>> waiting = new ArrayList<>();
    private final List<Lingering> lingering = new ArrayList<>();
    private final Permits permits = new Permits();
    private final Turns turns = new Turns();
    private final Graph graph = Graph.of(List.of());
    private final Set<Graph.Id> touched = new LinkedHashSet<>();
    private int running;
    private boolean closed;

    /**
     * @param mostSlices sent at a time
     * @param sliceLimit a slice starts no new work after this time
     * @param alone whether no other driver or materializer works on these ledgers, so that a lease left behind is surely dead
     * @param patience how long, beyond its timeout, a call that nobody waits for is thought to be at work still
     */
    public record Settings(int mostSlices, Duration sliceLimit, boolean alone, Duration patience) {
        public Settings(int mostSlices, boolean alone) {
            this(mostSlices, SLICE, alone, HttpFunctionClient.LEAST_PATIENCE);
        }
    }

    /** Starts at once, on a thread of its own. */
    public static Driver start(Slices slices, Announcer announcer, StatusSink statuses, Settings settings) {
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        var driver =
                new Driver(slices, announcer, statuses, settings, Time.SYSTEM, RandomGenerator.getDefault(), threads);
        Thread.ofPlatform().name("driver").daemon().start(() -> {
            try (threads) {
                driver.drive();
                threads.shutdownNow();
            } catch (InterruptedException e) {
                threads.shutdownNow();
            }
        });
        return driver;
    }

    Driver(
            Slices slices,
            Announcer announcer,
            StatusSink statuses,
            Settings settings,
            Time time,
            RandomGenerator random,
            Executor threads) {
        this.slices = slices;
        this.announcer = announcer;
        this.statuses = statuses;
        this.settings = settings;
        this.time = time;
        this.random = random;
        this.threads = threads;
    }

    /** What the deciding thread hears of. */
    private sealed interface News {
        record Declared(List<Assignment> assignments) implements News {}

        record Removed(Graph.Id id) implements News {}

        record Changed(
                Graph.Id id, Set<String> keys, @Nullable String cause) implements News {}

        record Ended(Course course, SliceRequest sent, Slices.Outcome outcome) implements News {}

        record Accepted(Announcement announcement) implements News {}

        record NotAccepted(Announcement announcement) implements News {}

        record AskedToTellWhenSettled(CompletableFuture<?> future) implements News {}

        record Closed() implements News {}
    }

    /** Permits that no slice uses any more, but maybe calls that it left behind. */
    private record Lingering(Graph.Id dataset, Loan loan, Instant until) {}

    /** New or changed Datasets. Together, so that a parent is known before its child is started. */
    public void declare(List<Assignment> assignments) {
        news.add(new News.Declared(List.copyOf(assignments)));
    }

    /** A Dataset that is no more; a slice under way still holds its permits until it ends. */
    public void remove(Graph.Id id) {
        news.add(new News.Removed(id));
    }

    /** A hint that these keys, or anything if there are none, may have changed. */
    public void changed(Graph.Id id, Set<String> keys) {
        changed(id, keys, null);
    }

    /** The same, from an event with this {@code traceparent}, which the work then bears too. */
    public void changed(Graph.Id id, Set<String> keys, @Nullable String traceparent) {
        news.add(new News.Changed(id, Set.copyOf(keys), traceparent));
    }

    /** Completes when no Dataset has anything to do before its resync, save those that fail again and again. */
    public CompletableFuture<?> settled() {
        var future = new CompletableFuture<@Nullable Void>();
        news.add(new News.AskedToTellWhenSettled(future));
        return future;
    }

    /** Starts nothing more and interrupts what waits; a slice under way is then lost to this driver, not to the ledger. */
    @Override
    public void close() {
        news.add(new News.Closed());
    }

    /** The loop, until closed. */
    void drive() throws InterruptedException {
        while (!closed) {
            hearEverything();
            Instant now = time.now();
            letTimePass(now);
            startWhatMayStart(now);
            tellWhatIsWaitedFor(now);
            announceWhatIsDue(now);
            writeStatuses(now);
            tellWhoWaits();
            hear(time.await(news, nextMoment(now)));
        }
    }

    private void hearEverything() {
        for (News next = news.poll(); next != null; next = news.poll()) {
            hear(next);
        }
    }

    private void hear(@Nullable News heard) {
        Instant now = time.now();
        switch (heard) {
            case null -> {}
            case News.Declared(var assignments) -> assignments.forEach(assignment -> declared(assignment, now));
            case News.Removed(Graph.Id id) -> removed(id);
            case News.Changed(Graph.Id id, Set<String> keys, String cause) -> {
                Course course = courses.get(id);
                if (course != null) {
                    course.wake(keys, cause, now);
                    touched.add(id);
                }
            }
            case News.Ended(Course course, SliceRequest sent, Slices.Outcome outcome) -> {
                running--;
                touched.add(course.assignment().id());
                Loan loan = course.ended(sent, outcome, now);
                if (loan != null) {
                    giveBackButWhatWasAbandoned(loan, outcome, sent, now);
                }
                if (courses.get(course.assignment().id()) == course) {
                    spread(course, sent.turn().trace(), now);
                } else {
                    linger(course);
                }
            }
            case News.Accepted(Announcement announcement) -> announcements.accepted(announcement);
            case News.NotAccepted(Announcement announcement) -> announcements.refused(announcement, now, random);
            case News.AskedToTellWhenSettled(var future) -> waiting.add(future);
            case News.Closed() -> closed = true;
        }
    }

    private void declared(Assignment assignment, Instant now) {
        Graph.Id id = assignment.id();
        Course course = courses.get(id);
        if (course == null) {
            courses.put(id, new Course(assignment.withoutStatus(), settings, now, random));
            if (assignment.before() != null) {
                written.put(id, assignment.before());
            }
        } else {
            course.declare(assignment.withoutStatus(), now);
        }
        touched.add(id);
        touched.addAll(graph.put(assignment.node()));
    }

    private void removed(Graph.Id id) {
        Course course = courses.remove(id);
        if (course != null) {
            linger(course);
        }
        written.remove(id);
        announcements.forget(id);
        turns.forget(id);
        touched.addAll(graph.remove(id));
    }

    /** A slice's reply tells how many of its calls timed out and may still be at work; their permits stay taken. */
    private void giveBackButWhatWasAbandoned(Loan loan, Slices.Outcome outcome, SliceRequest sent, Instant now) {
        int abandoned = outcome instanceof Slices.Outcome.Replied(SliceReply reply)
                ? Math.toIntExact(Math.min(loan.share(), reply.items().running()))
                : 0;
        permits.giveBack(new Loan(loan.functions(), loan.share() - abandoned));
        if (abandoned > 0) {
            Instant until = now.plus(longer(sent.task().longestCall(), settings.patience()));
            Loan stillTaken = new Loan(loan.functions(), abandoned);
            lingering.add(new Lingering(idOf(sent.task().dataset()), stillTaken, until));
        }
    }

    private static Graph.Id idOf(DatasetRef dataset) {
        return new Graph.Id(dataset.namespace(), dataset.name());
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private void linger(Course removed) {
        if (removed.phase() instanceof Course.Phase.Lost(Loan loan, Instant until)) {
            lingering.add(new Lingering(removed.assignment().id(), loan, until));
        }
    }

    private void letTimePass(Instant now) {
        for (Course course : courses.values()) {
            Course.Phase before = course.phase();
            giveBack(course.tick(now));
            if (course.phase() != before) {
                touched.add(course.assignment().id());
            }
        }
        lingering.removeIf(left -> {
            boolean over = !left.until.isAfter(now);
            if (over) {
                permits.giveBack(left.loan);
            }
            return over;
        });
    }

    private void giveBack(@Nullable Loan loan) {
        if (loan != null) {
            permits.giveBack(loan);
        }
    }

    private void startWhatMayStart(Instant now) {
        if (running >= settings.mostSlices()) {
            return;
        }
        List<Turns.Candidate> candidates = courses.values().stream()
                .filter(course -> mayStart(course, now))
                .map(course -> new Turns.Candidate(
                        course.assignment().id(),
                        course.assignment().caps(),
                        course.assignment().atMost()))
                .collect(Collectors.toCollection(ArrayList::new));
        while (running < settings.mostSlices()) {
            Optional<Turns.Grant> grant = turns.next(candidates, permits);
            if (grant.isEmpty()) {
                return;
            }
            candidates.remove(grant.get().candidate());
            start(grant.get(), now);
        }
    }

    /** Minutes may pass until permits come back that are kept for calls nobody hears of; whoever waits for them is told so. */
    private void tellWhatIsWaitedFor(Instant now) {
        List<Lingering> kept = new ArrayList<>(lingering);
        for (Course course : courses.values()) {
            if (course.phase() instanceof Course.Phase.Lost(Loan loan, Instant until)) {
                kept.add(new Lingering(course.assignment().id(), loan, until));
            }
        }
        for (Course course : courses.values()) {
            boolean waits = course.isOverdue(now) || !kept.isEmpty() && course.wants(now);
            Shortage shortage = waits ? shortage(course, kept) : null;
            if (course.lacks(shortage)) {
                touched.add(course.assignment().id());
            }
        }
    }

    private @Nullable Shortage shortage(Course course, List<Lingering> kept) {
        Cap cap = permits.exhausted(course.assignment().caps()).orElse(null);
        if (cap == null) {
            // It is another's turn, or the number of slices is all there is; said only of what is short.
            return course.shortage() instanceof Shortage before && !before.kept() ? before : null;
        }
        String keepers = kept.stream()
                .filter(left -> left.loan.functions().contains(cap.function()))
                .map(left -> "%d for a slice of dataset %s that was not heard of again, until %s at the latest"
                        .formatted(left.loan.share(), left.dataset.name(), left.until.truncatedTo(ChronoUnit.SECONDS)))
                .collect(Collectors.joining("; "));
        String taken = "%s takes %d calls at a time and has no permit left"
                .formatted(Permits.named(cap.function()), cap.atMost());
        return keepers.isEmpty()
                ? new Shortage(taken + ": slices of other Datasets are at work", false)
                : new Shortage(taken + "; kept are " + keepers, true);
    }

    private boolean mayStart(Course course, Instant now) {
        Graph.Id id = course.assignment().id();
        return course.wants(now)
                && graph.problem(id).isEmpty()
                && (course.hasWaitedLongEnough(now)
                        || graph.ancestors(id).stream().noneMatch(above -> isAtWork(above, now)));
    }

    private boolean isAtWork(Graph.Id id, Instant now) {
        Course course = courses.get(id);
        return course != null && course.isAtWork(now);
    }

    private void start(Turns.Grant grant, Instant now) {
        Course course = courses.get(grant.candidate().id());
        if (course == null) {
            throw new IllegalStateException(grant.candidate().id() + " was granted a slice and is not known");
        }
        Loan loan = permits.lend(grant.candidate().caps(), grant.share());
        SliceRequest request = course.send(loan, now);
        touched.add(course.assignment().id());
        Duration patience =
                settings.sliceLimit().plus(request.task().longestCall()).plus(TO_COMMIT);
        running++;
        threads.execute(() -> news.add(new News.Ended(course, request, send(request, patience))));
    }

    private Slices.Outcome send(SliceRequest request, Duration patience) {
        try {
            return slices.send(request, patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Slices.Outcome.Lost("interrupted");
        } catch (RuntimeException e) {
            return new Slices.Outcome.Lost(e.toString());
        }
    }

    /** Tells the world how a slice ended, and the derived Datasets of a revision that they do not know. */
    private void spread(Course course, Trace trace, Instant now) {
        SliceReply reply = course.reply();
        Graph.Id id = course.assignment().id();
        if (reply == null || !announcements.add(id, course.assignment().task().dataset(), trace, reply)) {
            return;
        }
        for (Graph.Id child : graph.children(id)) {
            Course derived = courses.get(child);
            if (derived != null) {
                derived.wake(Set.of(), trace.parent(id.toString()), now);
                touched.add(child);
            }
        }
    }

    private void announceWhatIsDue(Instant now) {
        for (Announcement due : announcements.takeDue(now)) {
            threads.execute(() -> news.add(announce(due)));
        }
    }

    private News announce(Announcement announcement) {
        try {
            announcer.announce(announcement.id().namespace(), announcement.event());
            return new News.Accepted(announcement);
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return new News.NotAccepted(announcement);
        }
    }

    private void writeStatuses(Instant now) {
        for (Graph.Id id : touched) {
            Course course = courses.get(id);
            if (course == null) {
                continue;
            }
            DatasetStatus before = written.get(id);
            DatasetStatus status =
                    DatasetConditions.status(course, graph.problem(id).orElse(null), before, now);
            if (!status.equals(before)) {
                written.put(id, status);
                statuses.update(course.assignment().task().dataset(), status);
            }
        }
        touched.clear();
    }

    private void tellWhoWaits() {
        if (waiting.isEmpty()) {
            return;
        }
        boolean settled = announcements.areSettled()
                && courses.entrySet().stream()
                        .allMatch(course -> course.getValue().isSettled()
                                || graph.problem(course.getKey()).isPresent());
        if (settled) {
            waiting.forEach(future -> future.complete(null));
            waiting.clear();
        }
    }

    /** @param now the moment for which everything was started that could be; not a later one, or what fell due since is slept over */
    private Instant nextMoment(Instant now) {
        Instant next = Instant.MAX;
        for (Course course : courses.values()) {
            Instant moment = course.nextMoment(now);
            // What is due already waits for news, not for the clock.
            next = moment.isAfter(now) && moment.isBefore(next) ? moment : next;
        }
        Instant announcement = announcements.nextMoment();
        next = announcement.isBefore(next) ? announcement : next;
        for (Lingering left : lingering) {
            next = left.until.isBefore(next) ? left.until : next;
        }
        return next;
    }
}
