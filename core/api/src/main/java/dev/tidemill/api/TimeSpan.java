package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * A length of time as Kubernetes writes it: {@code 10m}, {@code 24h}, {@code 1m30s}, {@code 5ms}. There is no unit longer than
 * the hour. {@code 90s} and {@code 1m30s} are equal.
 *
 * @param duration whole milliseconds, not negative
 */
public record TimeSpan(Duration duration) implements Comparable<TimeSpan> {

    /** What the CRDs accept; CEL's {@code duration()} reads the same. */
    public static final String PATTERN = "^([0-9]{1,9}(ms|s|m|h))+$";

    private static final Pattern SYNTAX = Pattern.compile("(?:[0-9]{1,9}(?:ms|s|m|h))+");
    private static final Pattern TERM = Pattern.compile("([0-9]+)(ms|s|m|h)");

    public TimeSpan {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("a length of time is not negative: " + duration);
        }
        duration = Duration.ofMillis(duration.toMillis());
    }

    /** Reads {@code 10m}, {@code 24h}, {@code 1m30s}. */
    @JsonCreator
    public static TimeSpan parse(String text) {
        if (!SYNTAX.matcher(text).matches()) {
            throw new IllegalArgumentException("\"" + text
                    + "\" is not a length of time: write whole numbers with ms, s, m or h, such as 10m or 1h30m");
        }
        var total = Duration.ZERO;
        var terms = TERM.matcher(text);
        while (terms.find()) {
            var amount = Long.parseLong(terms.group(1));
            total = total.plus(
                    switch (terms.group(2)) {
                        case "ms" -> Duration.ofMillis(amount);
                        case "s" -> Duration.ofSeconds(amount);
                        case "m" -> Duration.ofMinutes(amount);
                        default -> Duration.ofHours(amount);
                    });
        }
        return new TimeSpan(total);
    }

    public static TimeSpan of(Duration duration) {
        return new TimeSpan(duration);
    }

    @Override
    public int compareTo(TimeSpan other) {
        return duration.compareTo(other.duration);
    }

    /** The canonical spelling: hours, minutes, seconds, milliseconds, without those that are zero. */
    @JsonValue
    @Override
    public String toString() {
        var text = new StringBuilder();
        append(text, duration.toHours(), "h");
        append(text, duration.toMinutesPart(), "m");
        append(text, duration.toSecondsPart(), "s");
        append(text, duration.toMillisPart(), "ms");
        return text.isEmpty() ? "0s" : text.toString();
    }

    private static void append(StringBuilder text, long amount, String unit) {
        if (amount != 0) {
            text.append(amount).append(unit);
        }
    }
}
