package dev.tidemill.profile.internal.npy;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.ColumnNames;
import dev.tidemill.profile.internal.ColumnVector;
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

    private static final int BLOCK_BYTES = 4 << 20;
    private static final int COLUMNWISE_BLOCK_BYTES = 64 << 20;
    private static final String UPLOAD_AGAIN = "; it was cut off: write or upload it again";

    private final ByteSource source;
    private final NpyHeader header;
    private final List<String> names;
    private final InputStream in;
    private final int blockRows;
    private long row;

    private NpyReader(ByteSource source, NpyHeader header, InputStream in) {
        this.source = source;
        this.header = header;
        this.names =
                ColumnNames.unique(header.fields().stream().map(NpyField::name).toList());
        this.in = in;
        int budget = header.byColumn() ? COLUMNWISE_BLOCK_BYTES : BLOCK_BYTES;
        this.blockRows = Math.max(1, budget / Math.max(1, header.rowBytes()));
    }

    public static NpyReader open(ByteSource source) throws IOException {
        InputStream in = source.open(0);
        try {
            return new NpyReader(source, NpyHeader.read(in), in);
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
        List<NpyField> fields = header.fields();
        var vectors = new ColumnVector[fields.size()];
        if (header.byColumn()) {
            for (int i = 0; i < vectors.length; i++) {
                NpyField field = fields.get(i);
                long start = header.dataOffset() + header.rows() * field.offset() + row * field.size();
                byte[] block;
                try (InputStream column = source.open(start)) {
                    block = read(column, start, rows * field.size());
                }
                vectors[i] = field.read(ByteBuffer.wrap(block), 0, field.size(), rows);
            }
        } else {
            long start = header.dataOffset() + row * header.rowBytes();
            byte[] block = read(in, start, rows * header.rowBytes());
            for (int i = 0; i < vectors.length; i++) {
                NpyField field = fields.get(i);
                vectors[i] = field.read(ByteBuffer.wrap(block), field.offset(), header.rowBytes(), rows);
            }
        }
        row += rows;
        return new Batch(rows, vectors);
    }

    private byte[] read(InputStream stream, long start, int bytes) throws IOException {
        byte[] block = stream.readNBytes(bytes);
        if (block.length < bytes) {
            throw new FormatException(
                    source.name(),
                    -1,
                    start + block.length,
                    "the array of " + header.rows() + " rows needs " + (header.dataOffset() + header.dataBytes())
                            + " bytes and the file ends here" + UPLOAD_AGAIN);
        }
        return block;
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
