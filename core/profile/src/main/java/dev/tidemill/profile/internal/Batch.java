package dev.tidemill.profile.internal;

import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Some rows as columns, in the order of {@link BatchReader#columns()}. Valid until its reader goes on. */
public final class Batch {
    /** Kernels load whole words: a buffer of texts is readable this far beyond its last value. */
    public static final int SLACK = 64;

    private static final IntFunction<ColumnVector> NONE = column -> {
        throw new IllegalStateException("column " + column + " was asked for as floats");
    };

    private final int rows;
    private final @Nullable ColumnVector[] vectors;
    private final IntFunction<ColumnVector> column;
    private final @Nullable FloatRows floatRows;

    private Batch(
            int rows,
            @Nullable ColumnVector[] vectors,
            IntFunction<ColumnVector> column,
            @Nullable FloatRows floatRows) {
        this.rows = rows;
        this.vectors = vectors;
        this.column = column;
        this.floatRows = floatRows;
    }

    /** Of vectors that are there, one for each column. */
    public static Batch of(int rows, ColumnVector... vectors) {
        return new Batch(rows, vectors, NONE, null);
    }

    /** Of vectors that are there, but for columns that were asked for as floats and can be had so. */
    public static Batch with(int rows, @Nullable FloatRows floatRows, @Nullable ColumnVector... vectors) {
        return new Batch(rows, vectors, NONE, floatRows);
    }

    /**
     * Of columns that are made when they are asked for.
     *
     * @param floatRows the {@link FloatColumns} that were asked for; null where they are no plain numbers, or the reader has them in
     *     another form
     */
    public static Batch lazy(int rows, int columns, IntFunction<ColumnVector> column, @Nullable FloatRows floatRows) {
        return new Batch(rows, new ColumnVector[columns], column, floatRows);
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return vectors.length;
    }

    public ColumnVector vector(int index) {
        ColumnVector vector = vectors[index];
        if (vector == null) {
            vector = column.apply(index);
            vectors[index] = vector;
        }
        return vector;
    }

    /** The columns that were asked for as rows of float32, if they can be had so. */
    public @Nullable FloatRows floatRows() {
        return floatRows;
    }
}
