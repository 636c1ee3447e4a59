package dev.tidemill.profile.internal.parquet;

import dev.tidemill.profile.internal.FloatRows;
import java.nio.ByteBuffer;

/** Columns turned into rows, by tiles that stay in a core's first cache while one column after the other is put there. */
record PlainRows(PlainColumn[] columns) implements FloatRows {

    private static final int TILE_FLOATS = 4 << 10;

    @Override
    public void write(ByteBuffer into, int from, int rows) {
        int width = columns.length;
        int tileRows = Math.clamp(TILE_FLOATS / width, 1, rows);
        float[] tile = new float[tileRows * width];
        for (int done = 0; done < rows; done += tileRows) {
            int count = Math.min(tileRows, rows - done);
            for (int column = 0; column < width; column++) {
                columns[column].scatter(from + done, count, tile, column, width);
            }
            into.asFloatBuffer().put(tile, 0, count * width);
            into.position(into.position() + count * width * Float.BYTES);
        }
    }
}
