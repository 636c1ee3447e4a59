package dev.tidemill.profile.internal;

import dev.tidemill.profile.ColumnType;
import org.jspecify.annotations.Nullable;

/**
 * The values of one column in one batch, row-aligned. Arrays belong to the reader, which fills them again for its next batch;
 * they may be longer than the batch.
 */
public sealed interface ColumnVector {

    /**
     * Texts as slices of one buffer.
     *
     * @param buffer readable for {@link Batch#SLACK} bytes beyond every slice
     * @param starts first byte of each value
     * @param lengths in bytes, or -1 where there is no value
     * @param inference which texts may mean something other than themselves
     * @param ascii true if every byte of the values is below 128
     * @param origin where {@code buffer[0]} lies in the source, for messages; -1 when it does not lie there
     * @param kinds what each JSON value was, or null for other formats
     */
    record Texts(
            byte[] buffer,
            int[] starts,
            int[] lengths,
            Inference inference,
            boolean ascii,
            long origin,
            JsonKind @Nullable [] kinds)
            implements ColumnVector {
        public Texts(byte[] buffer, int[] starts, int[] lengths, Inference inference, boolean ascii) {
            this(buffer, starts, lengths, inference, ascii, -1, null);
        }
    }

    /**
     * Values of a declared type as longs: {@code INT64}, {@code BOOLEAN} (0 or 1), {@code DATE} and {@code TIMESTAMP} (both as
     * microseconds since 1970-01-01T00:00).
     *
     * @param nulls true where there is no value, or null when there is one in every row
     */
    record Longs(ColumnType type, long[] values, boolean @Nullable [] nulls) implements ColumnVector {}

    /**
     * Floating-point values.
     *
     * @param nulls true where there is no value, or null when there is one in every row
     */
    record Doubles(double[] values, boolean @Nullable [] nulls) implements ColumnVector {}

    /** How much a text column says about its type. */
    enum Inference {
        /** CSV: a text may be anything. */
        ALL,
        /** A JSON string: it may be a date or a timestamp, but {@code "12"} is a string. */
        TEMPORAL,
        /** A declared string. */
        NONE
    }

    /** How a JSON value was written. */
    enum JsonKind {
        /** A number, {@code true} or {@code false}. */
        PLAIN,
        STRING,
        /** An object or an array. */
        NESTED
    }
}
