package dev.tidemill.profile.internal.json;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.ChunkSource;
import dev.tidemill.profile.internal.Chunks;
import dev.tidemill.profile.internal.FloatColumns;
import dev.tidemill.profile.internal.RecordCutter;
import dev.tidemill.profile.internal.Records;
import dev.tidemill.profile.internal.kernel.Kernels;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** A JSON Lines source. A line feed always ends a record, since JSON texts cannot hold one. */
public final class JsonRecords implements Records, RecordCutter {
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final ByteSource source;
    private final List<String> known;
    private final long dataStart;
    private final Kernels kernels = Kernels.best();

    /** @param known columns, which have their positions before lines are read */
    public JsonRecords(ByteSource source, List<String> known) throws IOException {
        this.source = source;
        this.known = known;
        try (InputStream in = source.open(0)) {
            dataStart = Arrays.equals(in.readNBytes(3), BYTE_ORDER_MARK) ? 3 : 0;
        }
    }

    @Override
    public List<String> columns() {
        return known;
    }

    @Override
    public long dataStart() {
        return dataStart;
    }

    @Override
    public SortedSet<Long> starts(long from, long to) throws IOException {
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = source.open(from - 1)) {
            long position = from - 1;
            while (position < to) {
                int n = in.readNBytes(buffer, 0, buffer.length);
                int at = kernels.indexOf(buffer, 0, n, (byte) '\n');
                if (at < n) {
                    long start = position + at + 1;
                    return start < to ? new TreeSet<>(List.of(start)) : Collections.emptySortedSet();
                }
                if (n < buffer.length) {
                    break;
                }
                position += n;
            }
        }
        return Collections.emptySortedSet();
    }

    @Override
    public Chunks chunks(long from, long to) throws IOException {
        return new Chunks(source, this, from, to);
    }

    @Override
    public BatchReader reader(ChunkSource chunks, FloatColumns floats) {
        return new JsonBatchReader(source, chunks, kernels, known, floats);
    }

    @Override
    public int lastEnd(Chunk chunk, int from, int to, boolean last) {
        if (last) {
            return to;
        }
        int at = to;
        while (at > from && chunk.bytes[at - 1] != '\n') {
            at--;
        }
        return at;
    }

    @Override
    public int firstStart(Chunk chunk, int from, int to, int at, boolean last) {
        if (at <= from) {
            return from;
        }
        int end = kernels.indexOf(chunk.bytes, at - 1, to, (byte) '\n');
        return end < to ? end + 1 : last ? to : -1;
    }
}
