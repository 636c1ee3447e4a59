package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.ChunkSource;
import dev.tidemill.profile.internal.ColumnVector;
import dev.tidemill.profile.internal.ColumnVector.Inference;
import dev.tidemill.profile.internal.ColumnVector.Texts;
import dev.tidemill.profile.internal.Lines;
import dev.tidemill.profile.internal.kernel.Kernels;
import dev.tidemill.profile.internal.text.Utf8;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads CSV chunks as batches of text columns. */
public final class CsvBatchReader implements BatchReader {
    private static final int MOST_ROWS = 1024;
    private static final int MOST_FIELDS = 1 << 17;

    private final ByteSource source;
    private final Dialect dialect;
    private final ChunkSource chunks;
    private final Kernels kernels;
    private final int columns;
    private final int[][] starts;
    private final int[][] lengths;
    private final Chunk chunk = new Chunk();
    private int at;
    private boolean ascii;

    /** A reader of whatever chunks it gets of the source; several may share them. */
    public CsvBatchReader(ByteSource source, Dialect dialect, ChunkSource chunks, Kernels kernels) {
        this.source = source;
        this.dialect = dialect;
        this.chunks = chunks;
        this.kernels = kernels;
        columns = dialect.names().size();
        int rows = columns == 0 ? 0 : Math.clamp(MOST_FIELDS / columns, 16, MOST_ROWS);
        starts = new int[columns][rows];
        lengths = new int[columns][rows];
    }

    @Override
    public List<String> columns() {
        return dialect.names();
    }

    @Override
    public @Nullable Batch next() throws IOException {
        if (columns == 0) {
            return null;
        }
        int rows = 0;
        while (rows == 0) {
            if (at == chunk.to) {
                if (!chunks.next(chunk)) {
                    return null;
                }
                at = chunk.from;
                checkText();
            }
            rows = read();
        }
        ColumnVector[] vectors = new ColumnVector[columns];
        for (int i = 0; i < columns; i++) {
            vectors[i] = new Texts(chunk.bytes, starts[i], lengths[i], Inference.ALL, ascii, chunk.base, null);
        }
        return new Batch(rows, vectors);
    }

    private void checkText() throws IOException {
        ascii = kernels.isAscii(chunk.bytes, chunk.from, chunk.to);
        if (!ascii) {
            int invalid = Utf8.firstInvalid(chunk.bytes, chunk.from, chunk.to);
            if (invalid < chunk.to) {
                throw Lines.error(
                        source,
                        chunk.position(invalid),
                        "byte 0x%02X is not UTF-8; convert the file to UTF-8".formatted(chunk.bytes[invalid]));
            }
        }
    }

    private int read() throws IOException {
        byte[] bytes = chunk.bytes;
        byte delimiter = dialect.delimiter();
        byte quote = dialect.quote();
        int limit = starts[0].length;
        int to = chunk.to;
        int row = 0;
        while (row < limit && at < to) {
            int recordStart = at;
            int column = 0;
            boolean more = true;
            while (more) {
                int start = at;
                int length;
                if (at < to && bytes[at] == quote) {
                    start++;
                    at++;
                    int write = start;
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
                    while (at < to && bytes[at] != delimiter && bytes[at] != '\n' && bytes[at] != '\r') {
                        bytes[write++] = bytes[at++];
                    }
                    length = write - start;
                } else {
                    while (at < to && bytes[at] != delimiter && bytes[at] != '\n' && bytes[at] != '\r') {
                        at++;
                    }
                    length = at - start;
                }
                if (column < columns) {
                    starts[column][row] = start;
                    lengths[column][row] = isNull(bytes, start, length) ? -1 : length;
                }
                column++;
                more = at < to && bytes[at] == delimiter;
                at++;
            }
            if (at < to && bytes[at] == '\n' && bytes[at - 1] == '\r') {
                at++;
            }
            at = Math.min(at, to);
            boolean emptyLine = column == 1 && (bytes[recordStart] == '\n' || bytes[recordStart] == '\r');
            if (emptyLine && columns > 1) {
                continue;
            }
            if (column != columns) {
                pad(column, row, recordStart);
            }
            row++;
        }
        return row;
    }

    private boolean isNull(byte[] bytes, int start, int length) {
        if (length == 0) {
            return true;
        }
        for (byte[] text : dialect.nulls()) {
            if (Arrays.equals(bytes, start, start + length, text, 0, text.length)) {
                return true;
            }
        }
        return false;
    }

    private void pad(int fields, int row, int recordStart) throws IOException {
        if (dialect.ragged() == Format.Ragged.FAIL) {
            throw Lines.error(
                    source,
                    chunk.position(recordStart),
                    "%d field%s where the first record has %d; mend the record, or set ragged: Pad to fill up short ones and cut long ones"
                            .formatted(fields, fields == 1 ? "" : "s", columns));
        }
        for (int i = fields; i < columns; i++) {
            starts[i][row] = recordStart;
            lengths[i][row] = -1;
        }
    }

    @Override
    public void close() throws IOException {
        chunks.close();
    }
}
