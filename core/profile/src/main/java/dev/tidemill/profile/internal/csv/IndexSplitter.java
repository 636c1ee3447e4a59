package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.kernel.Kernels;
import dev.tidemill.profile.internal.text.Numbers;
import java.io.IOException;

/** Splits by an index of the chunk that is made once: no byte is looked at twice but the first of each field. */
final class IndexSplitter implements Splitter {
    private static final float[] NO_FLOATS = {};

    private final FieldIndex index;
    private final byte delimiter;
    private final byte quote;
    /** The first record that is not split yet. */
    private int next;

    IndexSplitter(Dialect dialect, Kernels kernels) {
        index = new FieldIndex(dialect, kernels);
        delimiter = dialect.delimiter();
        quote = dialect.quote();
    }

    /** Takes a new chunk; false when its quotes are odd, so that it cannot be split this way. */
    boolean accept(Chunk chunk) {
        next = 0;
        return index.build(chunk.bytes, chunk.from, chunk.to);
    }

    @Override
    public int split(Chunk chunk, Rows rows) throws IOException {
        return split(chunk, rows, rows.noPlaces, 0, NO_FLOATS);
    }

    /**
     * As {@link #split}, with some columns as numbers at once.
     *
     * @param places for each column its place among the numbers of a row, or -1
     * @param floats gets the numbers, row by row
     * @return -1, and nothing is taken, where one of them is no plain number or is not there
     */
    int split(Chunk chunk, Rows rows, int[] places, int floatsInRow, float[] floats) throws IOException {
        if (floatsInRow > 0 && (index.doubled() || rows.hasNulls())) {
            return -1;
        }
        byte[] bytes = chunk.bytes;
        int[] ends = index.ends();
        int[] lasts = index.lasts();
        int columns = rows.columns;
        int at = chunk.from;
        int record = next;
        int k = record == 0 ? 0 : lasts[record - 1] + 1;
        int row = 0;
        for (; row < rows.limit && record < index.records(); record++) {
            int recordStart = at;
            int last = lasts[record];
            int fields = last + 1 - k;
            boolean blank = fields == 1 && columns > 1 && isLineEnd(bytes[recordStart]);
            if (!blank && fields != columns) {
                if (floatsInRow > 0) {
                    return -1;
                }
                rows.settleRagged(chunk, recordStart, row, fields);
            }
            int taken = blank ? 0 : Math.min(fields, columns);
            for (int column = 0; column < taken; column++) {
                int end = ends[k + column];
                int place = places[column];
                if (place < 0) {
                    field(bytes, rows, column, row, at, end - at);
                } else {
                    double number = Numbers.parseDouble(bytes, at, end - at);
                    if (Double.isNaN(number)) {
                        return -1;
                    }
                    floats[row * floatsInRow + place] = (float) number;
                }
                at = end + 1;
            }
            k = last + 1;
            at = ends[last] + (bytes[ends[last]] == '\r' && bytes[ends[last] + 1] == '\n' ? 2 : 1);
            row += blank ? 0 : 1;
        }
        next = record;
        chunk.from = Math.min(at, chunk.to);
        return row;
    }

    private void field(byte[] bytes, Rows rows, int column, int row, int start, int length) {
        if (length > 0 && bytes[start] == quote) {
            start++;
            length -= 2;
            if (index.doubled()) {
                length = undouble(bytes, start, length);
            }
        }
        rows.starts[column][row] = start;
        rows.lengths[column][row] = rows.lengthOrNull(bytes, start, length);
    }

    private static boolean isLineEnd(byte b) {
        return b == '\n' || b == '\r';
    }

    private int undouble(byte[] bytes, int start, int length) {
        int write = start;
        for (int i = start; i < start + length; i++) {
            bytes[write++] = bytes[i];
            i += bytes[i] == quote ? 1 : 0;
        }
        return write - start;
    }
}
