package dev.tidemill.dataflow;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The clock and waiting by it, so that a test can let hours pass in microseconds. */
interface Time {

    Instant now();

    /** The queue's next element, or null when there was none until {@code until}. */
    <T> @Nullable T await(BlockingQueue<T> queue, Instant until) throws InterruptedException;

    /** Real time. */
    Time SYSTEM = new Time() {
        @Override
        public Instant now() {
            return Instant.now();
        }

        @Override
        public <T> @Nullable T await(BlockingQueue<T> queue, Instant until) throws InterruptedException {
            Instant now = now();
            // Beyond a year it is the same as for ever, and Instant.MAX overflows a count of nanoseconds.
            if (until.isAfter(now.plus(Duration.ofDays(365)))) {
                return queue.take();
            }
            return queue.poll(Duration.between(now, until).toNanos(), TimeUnit.NANOSECONDS);
        }
    };
}
