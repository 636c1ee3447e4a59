package dev.tidemill.dataflow;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** A clock that jumps to whatever happens next. For one thread: calls run on the thread that starts them. */
final class SimulatedTime implements Time {

    private final PriorityQueue<Scheduled> scheduled =
            new PriorityQueue<>(Comparator.comparing(Scheduled::at).thenComparing(Scheduled::order));
    private Instant now = Instant.parse("2026-11-22T00:00:00Z");
    private int order;

    @Override
    public Instant now() {
        return now;
    }

    void after(Duration delay, Runnable what) {
        scheduled.add(new Scheduled(now.plus(delay), order++, what));
    }

    @Override
    public <T> @Nullable T await(BlockingQueue<T> queue, Instant until) {
        while (queue.isEmpty()) {
            Scheduled next = scheduled.peek();
            if (next == null || next.at.isAfter(until)) {
                if (until.equals(Instant.MAX)) {
                    throw new IllegalStateException("waits for ever");
                }
                now = until.isAfter(now) ? until : now;
                return null;
            }
            scheduled.remove();
            now = next.at.isAfter(now) ? next.at : now;
            next.what.run();
        }
        return queue.poll();
    }

    private record Scheduled(Instant at, int order, Runnable what) {}
}
