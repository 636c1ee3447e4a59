package dev.tidemill.store;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * The store's clock as its {@code Date} headers tell it (whole seconds), carried forward by our own monotonic clock. Never
 * ours: leases and retention are compared with times that the store wrote.
 */
final class StoreClock {

    private static final Duration HEADER_STEP = Duration.ofSeconds(1);

    private record Reading(Instant at, long nanoTime) {
        Instant now() {
            return at.plusNanos(System.nanoTime() - nanoTime);
        }
    }

    private volatile @Nullable Reading last;

    /** Takes note of a {@code Date} header; one that cannot be read is passed over. */
    void observe(@Nullable String date) {
        if (date == null) {
            return;
        }
        try {
            observe(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from));
        } catch (DateTimeParseException e) {
            return;
        }
    }

    private void observe(Instant told) {
        Reading before = last;
        if (before != null) {
            Instant carried = before.now();
            // A header is cut to the second: one that says nothing new must not set the clock back.
            if (!told.isAfter(carried) && Duration.between(told, carried).compareTo(HEADER_STEP) <= 0) {
                return;
            }
        }
        last = new Reading(told, System.nanoTime());
    }

    /** The time, or null before the first answer. */
    @Nullable
    Instant now() {
        Reading reading = last;
        return reading == null ? null : reading.now();
    }
}
