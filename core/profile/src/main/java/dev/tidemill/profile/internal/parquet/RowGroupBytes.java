package dev.tidemill.profile.internal.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The bytes of a row group, for its columns: read at once where they are few, for each read is a request to the store. Safe for concurrent use. */
final class RowGroupBytes {

    private static final int AT_ONCE = 16 << 20;

    private final SourceFile file;
    private final long start;
    private final long end;
    private final int piece;
    private @Nullable ByteBuffer all;

    /** @param piece what to read of a column at once where the row group is large */
    RowGroupBytes(SourceFile file, long start, long end, int piece) {
        this.file = file;
        this.start = start;
        this.end = end;
        this.piece = piece;
    }

    /**
     * Bytes from {@code at} on.
     *
     * @param least how many there have to be
     * @param to where what they belong to ends; {@code least} bytes are before it
     */
    ByteBuffer read(long at, int least, long to) throws IOException {
        if (end - start > AT_ONCE) {
            return file.readRange(at, (int) Math.min(to - at, Math.max(least, piece)));
        }
        return all().slice((int) (at - start), (int) (to - at));
    }

    private synchronized ByteBuffer all() throws IOException {
        ByteBuffer known = all;
        if (known == null) {
            known = file.readRange(start, (int) (end - start));
            all = known;
        }
        return known;
    }
}
