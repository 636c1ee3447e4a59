package dev.tidemill.profile.internal.parquet;

import dev.tidemill.profile.internal.FloatRows;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Columns turned into rows, by tiles that stay in a core's first cache while one column after the other is put there. Used by one thread. */
final class NumberRows implements FloatRows {

    private static final int TILE_FLOATS = 4 << 10;

    private final NumberCursor[] first;
    private NumberCursor[] columns;
    /** The row that the columns are at. */
    private int at;

    /** @param columns at their first row */
    NumberRows(NumberCursor[] columns) {
        this.first = columns;
        this.columns = copy(columns);
    }

    private static NumberCursor[] copy(NumberCursor[] columns) {
        return Arrays.stream(columns).map(NumberCursor::new).toArray(NumberCursor[]::new);
    }

    @Override
    public void write(ByteBuffer into, int from, int rows) throws IOException {
        if (from < at) {
            columns = copy(first);
            at = 0;
        }
        for (NumberCursor column : columns) {
            column.skip(from - at);
        }
        at = from + rows;
        int width = columns.length;
        int tileRows = Math.clamp(TILE_FLOATS / width, 1, rows);
        float[] tile = new float[tileRows * width];
        for (int done = 0; done < rows; done += tileRows) {
            int count = Math.min(tileRows, rows - done);
            for (int column = 0; column < width; column++) {
                columns[column].read(count, tile, column, width);
            }
            FloatRows.put(tile, 0, count * width, into);
        }
    }
}
