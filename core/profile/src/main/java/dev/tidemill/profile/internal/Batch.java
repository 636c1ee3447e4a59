package dev.tidemill.profile.internal;

import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Some rows as columns, in the order of {@link BatchReader#columns()}. Valid until its reader goes on. */
public final class Batch {
    /** Kernels load whole words: a buffer of texts is readable this far beyond its last value. */
    public static final int SLACK = 64;

    private final int rows;
    private final @Nullable ColumnVector[] vectors;
    private final IntFunction<ColumnVector> column;
    private final @Nullable ByteBuffer floatRows;

    private Batch(
            int rows,
            @Nullable ColumnVector[] vectors,
            IntFunction<ColumnVector> column,
            @Nullable ByteBuffer floatRows) {
        this.rows = rows;
        this.vectors = vectors;
        this.column = column;
        this.floatRows = floatRows;
    }

    /** Of vectors that are there, one for each column. */
    public static Batch of(int rows, ColumnVector... vectors) {
        return new Batch(rows, vectors, i -> vectors[i], null);
    }

    /**
     * Of columns that are made when they are asked for.
     *
     * @param floatRows row by row the {@link FloatColumns} that were asked for, little-endian, from position 0 to the limit; null where
     *     they are no plain numbers, or the reader has them in another form
     */
    public static Batch lazy(int rows, int columns, IntFunction<ColumnVector> column, @Nullable ByteBuffer floatRows) {
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

    /** The columns that were asked for as rows of float32, if they can be had so; not to be changed. */
    public @Nullable ByteBuffer floatRows() {
        return floatRows;
    }
}
