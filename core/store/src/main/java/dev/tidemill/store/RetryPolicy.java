package dev.tidemill.store;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * How long a request is repeated before its caller hears of the failure: exponential backoff with full jitter (the wait is
 * uniform between zero and a ceiling that doubles), never less than the store's own {@code Retry-After}.
 *
 * @param attempts requests in all, the first one included
 * @param base the ceiling of the first wait
 * @param cap the highest ceiling
 * @param budget no further attempt begins once this has passed
 */
public record RetryPolicy(int attempts, Duration base, Duration cap, Duration budget) {

    /** Rides out a store's restart, and still ends well within a slice. */
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(10, Duration.ofMillis(100), Duration.ofSeconds(8), Duration.ofSeconds(40));

    /** One request, no second one. */
    public static final RetryPolicy NONE = new RetryPolicy(1, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    public RetryPolicy {
        if (attempts < 1 || base.isNegative() || cap.isNegative() || budget.isNegative()) {
            throw new IllegalArgumentException("a retry policy needs one attempt at least and no negative duration");
        }
    }

    /** The wait before the next attempt, or null when there shall be none. */
    @Nullable
    Duration pause(int failedAttempts, Duration spent, @Nullable Duration retryAfter) {
        if (failedAttempts >= attempts) {
            return null;
        }
        long ceiling = Math.min(cap.toNanos(), base.toNanos() << Math.min(failedAttempts - 1, 20));
        Duration pause = Duration.ofNanos(ThreadLocalRandom.current().nextLong(ceiling + 1));
        if (retryAfter != null && retryAfter.compareTo(pause) > 0) {
            pause = retryAfter;
        }
        return spent.plus(pause).compareTo(budget) > 0 ? null : pause;
    }
}
