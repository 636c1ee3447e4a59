package dev.tidemill.profile;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one column. Values come as {@code Boolean}, {@code Long}, {@code Double}, {@code LocalDate}, {@code
 * LocalDateTime} (UTC where the texts had an offset) or {@code String}, after the column's type; what the type does not have is
 * null.
 *
 * @param count values that are not null, NaN included: SQL's {@code count(column)}
 * @param nulls records without a value
 * @param nan values that are NaN; they are left out of every other figure but {@code count}
 * @param min the smallest value; texts compare by their UTF-8 bytes
 * @param mean of numbers
 * @param stddev of numbers, the sample's
 * @param p25 the smallest value whose rank is at least 0.25 × n, within 1 % of n
 * @param distinct different values; exact while there are few (about a thousand), within 3 % beyond
 * @param top the most frequent values, most frequent first
 * @param lengths in characters, of strings
 * @param histogram numbers and times in bins of equal width, from the quantile sketch
 */
public record ColumnProfile(
        String name,
        ColumnType type,
        long count,
        long nulls,
        long nan,
        @Nullable Object min,
        @Nullable Object max,
        @Nullable Double mean,
        @Nullable Double stddev,
        @Nullable Object p25,
        @Nullable Object p50,
        @Nullable Object p75,
        long distinct,
        List<Frequent> top,
        @Nullable Lengths lengths,
        List<Bin> histogram) {

    /**
     * A value that comes often.
     *
     * @param value as it is written in the source
     * @param count exact where the column has few different values, else within the sketch's error
     */
    public record Frequent(String value, long count) {}

    /** Lengths of texts in characters (Unicode code points). */
    public record Lengths(long min, long max, double mean) {}

    /** How many values lie from {@code from} up to {@code to}; the last bin holds its upper end too. */
    public record Bin(Object from, Object to, long count) {}
}
