package dev.tidemill.profile.internal.json;

import dev.tidemill.profile.internal.FloatColumns;
import dev.tidemill.profile.internal.FloatRows;
import java.util.Arrays;

/** The numbers of a batch that are wanted as rows of floats, as long as there is one for each wanted column in each row. */
final class JsonFloats {
    private static final int NOWHERE = -1;

    private final int width;
    private final float[] values;
    /** Where each value stands in the chunk. */
    private final int[] starts;

    private final FloatRows rows;
    private boolean whole;

    /** @param most rows in a batch */
    JsonFloats(FloatColumns wanted, int most) {
        width = wanted.positions().length;
        values = new float[most * width];
        starts = new int[most * width];
        rows = FloatRows.of(values, width);
    }

    void begin() {
        whole = width > 0;
    }

    void beginRow(int row) {
        if (whole) {
            Arrays.fill(starts, row * width, (row + 1) * width, NOWHERE);
        }
    }

    /** Whether numbers are still taken. */
    boolean whole() {
        return whole;
    }

    void put(int row, int place, int start, float value) {
        int at = row * width + place;
        values[at] = value;
        starts[at] = start;
    }

    /** Whether a value of the row is missing, now that it is through. */
    boolean lacks(int row) {
        int any = 0;
        for (int i = row * width; i < (row + 1) * width; i++) {
            any |= starts[i];
        }
        return any < 0;
    }

    void giveUp() {
        whole = false;
    }

    /** Where a value stands that was taken, or -1. */
    int start(int row, int place) {
        return starts[row * width + place];
    }

    FloatRows rows() {
        return rows;
    }
}
