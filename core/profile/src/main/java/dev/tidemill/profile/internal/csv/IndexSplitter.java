package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.kernel.Kernels;
import dev.tidemill.profile.internal.text.Numbers;
import java.io.IOException;

/** Splits by an index of the chunk that is made once: no byte is looked at twice but the first of each field. */
final class IndexSplitter implements Splitter {
    private final FieldIndex index;
    private final byte delimiter;
    private final byte quote;
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
        byte[] bytes = chunk.bytes;
        int[] ends = index.ends();
        int size = index.size();
        int columns = rows.columns;
        int at = chunk.from;
        int k = next;
        int row = 0;
        while (row < rows.limit && k < size) {
            int recordStart = at;
            int first = k;
            while (true) {
                int end = ends[k];
                int column = k - first;
                k++;
                boolean last = end >= chunk.to || bytes[end] != delimiter;
                if (column < columns) {
                    int length = end - at;
                    if (last && length > 0 && end < chunk.to && bytes[end] == '\n' && bytes[end - 1] == '\r') {
                        length--;
                    }
                    field(bytes, rows, column, row, at, length);
                }
                at = end + 1;
                if (last) {
                    break;
                }
            }
            int fields = k - first;
            if (fields == 1 && columns > 1 && isLineEnd(bytes[recordStart])) {
                continue;
            }
            if (fields != columns) {
                rows.settleRagged(chunk, recordStart, row, fields);
            }
            row++;
        }
        next = k;
        chunk.from = Math.min(at, chunk.to);
        return row;
    }

    /**
     * As {@link #split}, with some columns as numbers at once.
     *
     * @param places for each column its place among the numbers of a row, or -1
     * @param floats gets the numbers, row by row
     * @return -1, and nothing is taken, where one of them is no plain number or a record has more or fewer fields than there are columns
     */
    int split(Chunk chunk, Rows rows, int[] places, int floatsInRow, float[] floats) {
        if (index.doubled() || rows.hasNulls()) {
            return -1;
        }
        byte[] bytes = chunk.bytes;
        int[] ends = index.ends();
        int size = index.size();
        int last = places.length - 1;
        int at = chunk.from;
        int k = next;
        int row = 0;
        for (; row < rows.limit && k < size; row++) {
            if (size - k <= last) {
                return -1;
            }
            int first = row * floatsInRow;
            for (int column = 0; column <= last; column++) {
                int end = ends[k++];
                int length = end - at;
                if ((end < chunk.to && bytes[end] == delimiter) != column < last) {
                    return -1;
                }
                if (column == last && length > 0 && end < chunk.to && bytes[end] == '\n' && bytes[end - 1] == '\r') {
                    length--;
                }
                int place = places[column];
                if (place < 0) {
                    field(bytes, rows, column, row, at, length);
                } else {
                    double number = Numbers.parseDouble(bytes, at, length);
                    if (Double.isNaN(number)) {
                        return -1;
                    }
                    floats[first + place] = (float) number;
                }
                at = end + 1;
            }
        }
        next = k;
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
