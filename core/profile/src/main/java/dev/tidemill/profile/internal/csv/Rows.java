package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.FloatColumns;
import dev.tidemill.profile.internal.Lines;
import java.io.IOException;
import java.util.Arrays;

/** The fields of some records, column by column, as slices of the chunk. */
final class Rows {
    private static final int MOST_ROWS = 1024;
    private static final int MOST_FIELDS = 1 << 17;

    final int columns;
    final int limit;
    final int[][] starts;
    /** In bytes; -1 for null. */
    final int[][] lengths;
    /** No column is wanted as a float. */
    final int[] noPlaces;

    private final ByteSource source;
    private final Dialect dialect;
    private final byte[][] nulls;

    Rows(ByteSource source, Dialect dialect) {
        this.source = source;
        this.dialect = dialect;
        columns = dialect.names().size();
        limit = columns == 0 ? 0 : Math.clamp(MOST_FIELDS / columns, 16, MOST_ROWS);
        starts = new int[columns][limit];
        lengths = new int[columns][limit];
        noPlaces = FloatColumns.NONE.places(columns);
        nulls = dialect.nulls().toArray(byte[][]::new);
    }

    /** Whether other texts than the empty one mean "no value". */
    boolean hasNulls() {
        return nulls.length > 0;
    }

    /** The length, or -1 when the text means "no value". */
    int lengthOrNull(byte[] bytes, int start, int length) {
        if (length == 0) {
            return -1;
        }
        for (byte[] text : nulls) {
            if (text.length == length && Arrays.equals(bytes, start, start + length, text, 0, length)) {
                return -1;
            }
        }
        return length;
    }

    /** Completes a record that does not have as many fields as there are columns, or refuses it. */
    void settleRagged(Chunk chunk, int recordStart, int row, int fields) throws IOException {
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
}
