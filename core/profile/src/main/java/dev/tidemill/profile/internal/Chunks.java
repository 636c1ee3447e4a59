package dev.tidemill.profile.internal;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a part of a source into chunks of whole records: all records that start in {@code [start, end)}, also where the last one goes on
 * beyond. The search for the cut is
 * cheap beside the work with the records, so that one thread after the other can take the next chunk.
 */
public final class Chunks implements ChunkSource {
    private static final int SIZE = 1 << 18;
    /** The first chunk is small, so that a small source costs little. */
    private static final int FIRST = 1 << 14;

    private static final int LONGEST_RECORD = 1 << 29;

    private final ByteSource source;
    private final RecordCutter cutter;
    private final InputStream in;
    private final long end;
    private byte[] rest = new byte[0];
    private long position;
    private final int largest;
    private int size;
    private boolean atEnd;
    private boolean done;

    /**
     * @param start where a record starts
     * @param end records that start here or later are left to others
     */
    public Chunks(ByteSource source, RecordCutter cutter, long start, long end) throws IOException {
        this(source, cutter, start, end, FIRST, SIZE);
    }

    /**
     * @param first how many bytes the first chunk has, about; the next ones are four times as large each
     * @param largest up to this size
     */
    public Chunks(ByteSource source, RecordCutter cutter, long start, long end, int first, int largest)
            throws IOException {
        this.source = source;
        this.cutter = cutter;
        this.end = end;
        this.largest = largest;
        size = first;
        position = start;
        in = source.open(start);
        done = start >= end;
    }

    @Override
    public synchronized boolean next(Chunk chunk) throws IOException {
        if (done || position >= end) {
            return false;
        }
        int kept = rest.length;
        reserve(chunk, kept + size);
        size = Math.min(largest, 4 * size);
        System.arraycopy(rest, 0, chunk.bytes, 0, kept);
        chunk.base = position;
        chunk.from = 0;
        int filled = kept;
        while (true) {
            filled = fill(chunk, filled);
            int cut = cut(chunk, filled);
            if (cut > 0) {
                chunk.to = cut;
                rest = Arrays.copyOfRange(chunk.bytes, cut, filled);
                position += cut;
                done |= atEnd && cut == filled;
                return true;
            }
            if (atEnd || done) {
                done = true;
                return false;
            }
            if (filled >= LONGEST_RECORD) {
                throw tooLong(position);
            }
            reserve(chunk, 2 * filled);
        }
    }

    /** Where the first record behind all that was handed out starts. */
    public synchronized long position() {
        return position;
    }

    private int cut(Chunk chunk, int filled) throws IOException {
        if (position + filled <= end) {
            return cutter.lastEnd(chunk, 0, filled, atEnd);
        }
        int cut = cutter.firstStart(chunk, 0, filled, (int) (end - position), atEnd);
        if (cut >= 0) {
            done = true;
            return cut;
        }
        return cutter.lastEnd(chunk, 0, (int) (end - position), false);
    }

    private int fill(Chunk chunk, int filled) throws IOException {
        int room = chunk.bytes.length - Batch.SLACK - filled;
        int n = in.readNBytes(chunk.bytes, filled, room);
        atEnd |= n < room;
        return filled + n;
    }

    private static void reserve(Chunk chunk, int bytes) {
        if (chunk.bytes.length < bytes + Batch.SLACK) {
            chunk.bytes = Arrays.copyOf(chunk.bytes, bytes + Batch.SLACK);
        }
    }

    private FormatException tooLong(long at) throws IOException {
        return Lines.error(source, at, "a record longer than 512 MiB starts here; is a quote left open?");
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
