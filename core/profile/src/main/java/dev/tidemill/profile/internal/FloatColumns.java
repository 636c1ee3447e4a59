package dev.tidemill.profile.internal;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Columns that are wanted as rows of float32, where a reader can give them so.
 *
 * @param positions of the columns, each once, in the order that they have in a row
 */
public record FloatColumns(int... positions) {
    public static final FloatColumns NONE = new FloatColumns();

    public boolean isEmpty() {
        return positions.length == 0;
    }

    /** Whether these are all columns of a table, in its order. */
    public boolean isAll(int columns) {
        return Arrays.equals(positions, IntStream.range(0, columns).toArray());
    }

    /** For each column of a table its place in a row, or -1. */
    public int[] places(int columns) {
        int[] places = new int[columns];
        Arrays.fill(places, -1);
        for (int i = 0; i < positions.length; i++) {
            places[positions[i]] = i;
        }
        return places;
    }
}
