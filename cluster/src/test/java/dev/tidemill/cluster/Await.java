package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Waits for what is going to be seen. */
final class Await {

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private Await() {}

    /** Returns when it holds, and fails when it does not in five minutes. */
    static void until(BooleanSupplier holds) {
        until(LIMIT, holds);
    }

    /** Returns when it holds, and fails when it does not in that time. */
    static void until(Duration limit, BooleanSupplier holds) {
        var end = Instant.now().plus(limit);
        while (!holds.getAsBoolean()) {
            assertThat(Instant.now()).as("still not so after %s", limit).isBefore(end);
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    /** The last of the lines, once there is one. */
    static String line(Supplier<Stream<String>> lines) {
        var found = new ArrayList<String>();
        until(() -> {
            lines.get().forEach(found::add);
            return !found.isEmpty();
        });
        return found.getLast();
    }
}
