package dev.tidemill.profile.internal;

/**
 * Some rows as columns, in the order of {@link BatchReader#columns()}.
 *
 * @param rows number of rows
 * @param vectors one for each column
 */
public record Batch(int rows, ColumnVector[] vectors) {
    /** Kernels load whole words: a buffer of texts is readable this far beyond its last value. */
    public static final int SLACK = 64;
}
