package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.ChunkSource;
import dev.tidemill.profile.internal.ColumnVector;
import dev.tidemill.profile.internal.ColumnVector.Inference;
import dev.tidemill.profile.internal.ColumnVector.Texts;
import dev.tidemill.profile.internal.FloatColumns;
import dev.tidemill.profile.internal.FloatRows;
import dev.tidemill.profile.internal.Lines;
import dev.tidemill.profile.internal.kernel.Kernels;
import dev.tidemill.profile.internal.text.Utf8;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads CSV chunks as batches of text columns. */
final class CsvBatchReader implements BatchReader {
    private final ByteSource source;
    private final Dialect dialect;
    private final ChunkSource chunks;
    private final Kernels kernels;
    private final Rows rows;
    private final IndexSplitter byIndex;
    private final ScalarSplitter byByte;
    private final Chunk chunk = new Chunk();
    private final int[] places;
    private final int floatsInRow;
    private final float[] floats;
    private final FloatRows floatRows;
    private Splitter splitter;
    private boolean ascii;
    /** Whether all numbers of the chunk that were asked for as floats were plain so far. */
    private boolean plain;

    /** A reader of whatever chunks it gets of the source. */
    CsvBatchReader(ByteSource source, Dialect dialect, ChunkSource chunks, Kernels kernels, FloatColumns wanted) {
        this.source = source;
        this.dialect = dialect;
        this.chunks = chunks;
        this.kernels = kernels;
        rows = new Rows(source, dialect);
        byIndex = new IndexSplitter(dialect, kernels);
        byByte = new ScalarSplitter(dialect);
        splitter = byIndex;
        places = wanted.places(rows.columns);
        floatsInRow = wanted.positions().length;
        floats = new float[rows.limit * floatsInRow];
        floatRows = FloatRows.of(floats, floatsInRow);
    }

    @Override
    public List<String> columns() {
        return dialect.names();
    }

    @Override
    public @Nullable Batch next() throws IOException {
        if (rows.columns == 0) {
            return null;
        }
        int n = 0;
        while (n == 0) {
            if (chunk.from == chunk.to) {
                if (!chunks.next(chunk)) {
                    return null;
                }
                checkText();
                splitter = byIndex.accept(chunk) ? byIndex : byByte;
                plain = floatsInRow > 0 && splitter == byIndex;
            }
            if (plain) {
                n = byIndex.split(chunk, rows, places, floatsInRow, floats);
                plain = n >= 0;
            }
            if (!plain) {
                n = splitter.split(chunk, rows);
            }
        }
        return Batch.lazy(n, rows.columns, this::texts, plain ? floatRows : null);
    }

    private ColumnVector texts(int column) {
        if (plain && places[column] >= 0) {
            throw new IllegalStateException("column " + column + " was asked for as floats");
        }
        return new Texts(
                chunk.bytes, rows.starts[column], rows.lengths[column], Inference.ALL, ascii, chunk.base, null);
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

    @Override
    public void close() throws IOException {
        chunks.close();
    }
}
