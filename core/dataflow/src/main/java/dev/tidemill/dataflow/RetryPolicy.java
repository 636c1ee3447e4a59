package dev.tidemill.dataflow;

import java.time.Duration;

/**
 * How often and how patiently a failed call is repeated.
 *
 * @param attempts calls for one piece of work before it counts as failed; one that timed out counts twice
 * @param attemptsOfHalf calls for a half of failed work that can be halved again: its failure costs only another cut
 * @param backoff the pauses between them
 * @param pauseAfter failures without one success after which only one call at a time is tried
 * @param probes such calls that may fail before the dispatch ends
 * @param staleness how often work whose input changed meanwhile is cut again
 */
record RetryPolicy(int attempts, int attemptsOfHalf, Backoff backoff, int pauseAfter, int probes, int staleness) {

    static final RetryPolicy DEFAULT =
            new RetryPolicy(6, 2, new Backoff(Duration.ofMillis(500), Duration.ofSeconds(20)), 20, 10, 3);
}
