package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.ByteSource;
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
    private Splitter splitter;
    private boolean ascii;

    /** A reader of whatever chunks it gets of the source. */
    CsvBatchReader(ByteSource source, Dialect dialect, ChunkSource chunks, Kernels kernels) {
        this.source = source;
        this.dialect = dialect;
        this.chunks = chunks;
        this.kernels = kernels;
        rows = new Rows(source, dialect);
        byIndex = new IndexSplitter(dialect, kernels);
        byByte = new ScalarSplitter(dialect);
        splitter = byIndex;
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
            }
            n = splitter.split(chunk, rows);
        }
        ColumnVector[] vectors = new ColumnVector[rows.columns];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] =
                    new Texts(chunk.bytes, rows.starts[i], rows.lengths[i], Inference.ALL, ascii, chunk.base, null);
        }
        return new Batch(n, vectors);
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
