package dev.tidemill.functions.lambda;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The bridge's own lines in the log that it shares with the handler. */
final class Log {

    private Log() {}

    @SuppressWarnings("AnnotateFormatMethod")
    static void line(String message, Object... values) {
        System.err.println(
                Instant.now().truncatedTo(ChronoUnit.MILLIS) + " [tidemill-lambda] " + message.formatted(values));
    }
}
