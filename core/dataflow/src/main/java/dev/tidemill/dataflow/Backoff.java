package dev.tidemill.dataflow;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with full jitter, which of the usual jitters clears a crowd of callers with the least work (M. Brooker,
 * "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 *
 * @param base the longest first pause
 * @param cap the longest pause of all
 */
record Backoff(Duration base, Duration cap) {

    /** A pause drawn evenly from nothing up to {@code base * 2^(failures - 1)}, cut at {@code cap}. */
    Duration pause(int failures, RandomGenerator random) {
        int doublings = Math.clamp(failures - 1, 0, 30);
        long longest = Math.min(cap.toMillis(), base.toMillis() << doublings);
        return Duration.ofMillis(random.nextLong(longest + 1));
    }
}
