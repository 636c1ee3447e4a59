package dev.tidemill.dataflow;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * What is still to be called, in order: what took the place of other work, then work whose pause is over, then new items, which
 * are drawn one by one so that a plan of a million shards is never in memory.
 */
final class Agenda {

    private final Iterator<? extends WorkItem> items;
    private final Deque<Job> queued = new ArrayDeque<>();
    private final PriorityQueue<Delayed> delayed =
            new PriorityQueue<>(Comparator.comparing(Delayed::due).thenComparing(Delayed::order));
    private long order;

    Agenda(Iterator<? extends WorkItem> items) {
        this.items = items;
    }

    boolean isEmpty() {
        return queued.isEmpty() && delayed.isEmpty() && !items.hasNext();
    }

    /** Puts these before all others. Of halves so the smallest come first, and the bad object is found with the fewest calls. */
    void addFirst(List<Job> jobs) {
        jobs.reversed().forEach(queued::addFirst);
    }

    void addAt(Instant due, Job job) {
        delayed.add(new Delayed(due, order++, job));
    }

    /** The earliest moment at which {@link #take} has something; {@link Instant#MAX} when it never will by itself. */
    Instant nextDue() {
        if (!queued.isEmpty() || items.hasNext()) {
            return Instant.MIN;
        }
        Delayed next = delayed.peek();
        return next == null ? Instant.MAX : next.due;
    }

    /** The next job; {@link #nextDue} must have said that there is one. */
    Job take(Instant now) {
        if (!queued.isEmpty()) {
            return queued.remove();
        }
        Delayed next = delayed.peek();
        if (next != null && !next.due.isAfter(now)) {
            delayed.remove();
            return next.job;
        }
        return Job.of(items.next());
    }

    /** Work that was begun and is not settled; what was never drawn is not in it. */
    List<Job> begun() {
        List<Job> begun = new ArrayList<>(queued);
        delayed.forEach(later -> begun.add(later.job));
        return begun;
    }

    private record Delayed(Instant due, long order, Job job) {}

    /**
     * An item and what it went through.
     *
     * @param attempts calls that counted, in this slice and before
     * @param staleness how often its input changed under way
     * @param last why the last attempt failed
     */
    record Job(
            WorkItem item,
            int attempts,
            int staleness,
            boolean half,
            @Nullable Failure last) {

        static Job of(WorkItem item) {
            return new Job(item, item.attemptsMade(), 0, false, null);
        }

        Job afterFailure(Failure failure) {
            return new Job(item, attempts + 1, staleness, half, failure);
        }

        List<Job> halves() {
            return !item.divisible()
                    ? List.of()
                    : item.halves().stream()
                            .map(part -> new Job(part, 0, staleness, true, last))
                            .toList();
        }

        Job replacedBy(WorkItem replacement) {
            return new Job(replacement, 0, staleness + 1, half, null);
        }

        boolean exhausted(RetryPolicy policy) {
            return attempts >= (half && item.divisible() ? policy.attemptsOfHalf() : policy.attempts());
        }
    }
}
