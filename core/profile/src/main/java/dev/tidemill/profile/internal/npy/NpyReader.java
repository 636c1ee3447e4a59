package dev.tidemill.profile.internal.npy;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.ColumnNames;
import dev.tidemill.profile.internal.ColumnVector;
import dev.tidemill.profile.internal.FloatColumns;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an NPY file. Rows come in one pass over the file; an array in Fortran order keeps its columns apart, and is read in blocks of
 * rows with one stream for each column and block.
 */
public final class NpyReader implements BatchReader {

    /** A block that stays in a core's cache while one column after the other is taken out of it. */
    private static final int BLOCK_BYTES = 256 << 10;

    private static final int COLUMNWISE_BLOCK_BYTES = 64 << 20;
    private static final String UPLOAD_AGAIN = "; it was cut off: write or upload it again";

    private final ByteSource source;
    private final NpyHeader header;
    private final List<String> names;
    private final InputStream in;
    private final int blockRows;
    private final byte[] block;
    private final boolean asFloats;
    private long row;

    private NpyReader(ByteSource source, NpyHeader header, InputStream in, FloatColumns floats) {
        this.source = source;
        this.header = header;
        this.names =
                ColumnNames.unique(header.fields().stream().map(NpyField::name).toList());
        this.in = in;
        this.asFloats = header.isFloatRows() && floats.isAll(names.size());
        int budget = header.byColumn() ? COLUMNWISE_BLOCK_BYTES : BLOCK_BYTES;
        this.blockRows = Math.max(1, budget / Math.max(1, header.rowBytes()));
        this.block = new byte[header.byColumn() ? 0 : (int) Math.min(header.dataBytes(), BLOCK_BYTES)];
    }

    public static NpyReader open(ByteSource source) throws IOException {
        return open(source, FloatColumns.NONE);
    }

    /** A reader that gives all columns as they lie in the file, if they lie there as the rows of float32 that are asked for. */
    public static NpyReader open(ByteSource source, FloatColumns floats) throws IOException {
        InputStream in = source.open(0);
        try {
            return new NpyReader(source, NpyHeader.read(in), in, floats);
        } catch (NpyException e) {
            in.close();
            var broken = new FormatException(source.name(), -1, e.position(), e.getMessage() + "; " + e.remedy());
            broken.initCause(e);
            throw broken;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    @Override
    public List<String> columns() {
        return names;
    }

    @Override
    public @Nullable Batch next() throws IOException {
        int rows = (int) Math.min(blockRows, header.rows() - row);
        if (rows == 0) {
            nothingFollows();
            return null;
        }
        Batch batch = header.byColumn() ? columns(rows) : rows(rows);
        row += rows;
        return batch;
    }

    private Batch columns(int rows) throws IOException {
        List<NpyField> fields = header.fields();
        var vectors = new ColumnVector[fields.size()];
        for (int i = 0; i < vectors.length; i++) {
            NpyField field = fields.get(i);
            long start = header.dataOffset() + header.rows() * field.offset() + row * field.size();
            byte[] values;
            try (InputStream column = source.open(start)) {
                values = read(column, start, rows * field.size());
            }
            vectors[i] = field.read(ByteBuffer.wrap(values), 0, field.size(), rows);
        }
        return Batch.of(rows, vectors);
    }

    private Batch rows(int rows) throws IOException {
        int rowBytes = header.rowBytes();
        byte[] values = read(in, header.dataOffset() + row * rowBytes, rows * rowBytes);
        List<NpyField> fields = header.fields();
        return Batch.lazy(
                rows,
                fields.size(),
                column -> {
                    NpyField field = fields.get(column);
                    return field.read(ByteBuffer.wrap(values), field.offset(), rowBytes, rows);
                },
                asFloats ? (into, from, count) -> into.put(values, from * rowBytes, count * rowBytes) : null);
    }

    /** Into the block, or where that is too small into an array that grows with what is really there. */
    private byte[] read(InputStream stream, long start, int bytes) throws IOException {
        byte[] values = block;
        int n;
        if (bytes <= block.length) {
            n = stream.readNBytes(block, 0, bytes);
        } else {
            values = stream.readNBytes(bytes);
            n = values.length;
        }
        if (n < bytes) {
            throw new FormatException(
                    source.name(),
                    -1,
                    start + n,
                    "the array of " + header.rows() + " rows needs " + (header.dataOffset() + header.dataBytes())
                            + " bytes and the file ends here" + UPLOAD_AGAIN);
        }
        return values;
    }

    /** {@code numpy.save} called twice on one open file appends a second array, which would go unseen. */
    private void nothingFollows() throws IOException {
        long end = header.dataOffset() + header.dataBytes();
        try (InputStream rest = source.open(end)) {
            if (rest.read() >= 0) {
                throw new FormatException(
                        source.name(),
                        -1,
                        end,
                        "the array of " + header.rows()
                                + " rows ends here and more bytes follow; write one array to a file");
            }
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
