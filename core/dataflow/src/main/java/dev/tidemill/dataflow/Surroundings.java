package dev.tidemill.dataflow;

import dev.tidemill.dataflow.internal.ledger.Limits;
import java.util.HexFormat;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a test replaces: the clock, chance, how often a call is repeated, the threads, and death.
 *
 * @param threads where calls run; null for a virtual thread each
 */
record Surroundings(
        RetryPolicy policy,
        Time time,
        RandomGenerator random,
        KillSwitch kill,
        @Nullable Executor threads,
        Limits limits) {

    /** The real ones. */
    static Surroundings real() {
        return new Surroundings(
                RetryPolicy.DEFAULT,
                Time.SYSTEM,
                new java.security.SecureRandom(),
                KillSwitch.NEVER,
                null,
                Limits.DEFAULT);
    }

    /** 64 random bits, which end the names of what is written. */
    String nonce() {
        return HexFormat.of().toHexDigits(random.nextLong());
    }
}
