package dev.tidemill.functions.gate;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Lines on standard error, as a container's log has them. */
final class Log {

    private Log() {}

    static void line(String message, Object... values) {
        System.err.println(
                Instant.now().truncatedTo(ChronoUnit.MILLIS) + " [tidemill-gate] " + message.formatted(values));
    }
}
