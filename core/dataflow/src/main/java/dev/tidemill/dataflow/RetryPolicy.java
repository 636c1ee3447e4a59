package dev.tidemill.dataflow;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often and how patiently a failed call is repeated: exponential backoff with full jitter, which of the usual jitters clears
 * a crowd of callers with the least work (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 *
 * @param attempts calls for one piece of work before it counts as failed
 * @param attemptsOfHalf calls for a half of failed work that can be halved again: its failure costs only another cut
 * @param base the longest first pause
 * @param cap the longest pause of all
 * @param pauseAfter failures without one success after which only one call at a time is tried
 * @param probes such calls that may fail before the dispatch ends
 * @param staleness how often work whose input changed meanwhile is cut again
 */
record RetryPolicy(
        int attempts, int attemptsOfHalf, Duration base, Duration cap, int pauseAfter, int probes, int staleness) {

    static final RetryPolicy DEFAULT = new RetryPolicy(6, 2, Duration.ofMillis(500), Duration.ofSeconds(20), 20, 10, 3);

    /** A pause drawn evenly from nothing up to {@code base * 2^(failures - 1)}, cut at {@code cap}. */
    Duration pause(int failures, RandomGenerator random) {
        int doublings = Math.min(failures - 1, 30);
        long longest = Math.min(cap.toMillis(), base.toMillis() << doublings);
        return Duration.ofMillis(random.nextLong(longest + 1));
    }
}
