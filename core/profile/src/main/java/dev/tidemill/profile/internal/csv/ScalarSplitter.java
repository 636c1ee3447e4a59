package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.internal.Chunk;
import java.io.IOException;

/** Byte by byte: the specification, and the way through chunks whose quotes are odd. */
final class ScalarSplitter implements Splitter {
    private final byte delimiter;
    private final byte quote;
    private int at;

    ScalarSplitter(Dialect dialect) {
        delimiter = dialect.delimiter();
        quote = dialect.quote();
    }

    @Override
    public int split(Chunk chunk, Rows rows) throws IOException {
        byte[] bytes = chunk.bytes;
        int to = chunk.to;
        at = chunk.from;
        int row = 0;
        while (row < rows.limit && at < to) {
            int recordStart = at;
            int column = 0;
            while (true) {
                int start = at < to && bytes[at] == quote ? at + 1 : at;
                int length = field(bytes, to);
                if (column < rows.columns) {
                    rows.starts[column][row] = start;
                    rows.lengths[column][row] = rows.lengthOrNull(bytes, start, length);
                }
                column++;
                if (at == to || bytes[at] != delimiter) {
                    break;
                }
                at++;
            }
            boolean empty = at == recordStart;
            skipLineEnd(bytes, to);
            if (empty && rows.columns > 1) {
                continue;
            }
            if (column != rows.columns) {
                rows.settleRagged(chunk, recordStart, row, column);
            }
            row++;
        }
        chunk.from = at;
        return row;
    }

    /** Goes behind the field, unquotes it in place, and returns its length. */
    private int field(byte[] bytes, int to) {
        int start = at;
        int write = at;
        if (at < to && bytes[at] == quote) {
            start++;
            write++;
            at++;
            while (at < to) {
                byte b = bytes[at++];
                if (b == quote) {
                    if (at == to || bytes[at] != quote) {
                        break;
                    }
                    at++;
                }
                bytes[write++] = b;
            }
        }
        while (at < to && bytes[at] != delimiter && bytes[at] != '\n' && bytes[at] != '\r') {
            bytes[write++] = bytes[at++];
        }
        return write - start;
    }

    private void skipLineEnd(byte[] bytes, int to) {
        if (at < to && bytes[at++] == '\r' && at < to && bytes[at] == '\n') {
            at++;
        }
    }
}
