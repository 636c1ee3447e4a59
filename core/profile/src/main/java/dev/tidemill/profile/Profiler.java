package dev.tidemill.profile;

import dev.tidemill.profile.internal.Content;
import dev.tidemill.profile.internal.Readers;
import dev.tidemill.profile.internal.Records;
import dev.tidemill.profile.internal.column.TableSummary;
import dev.tidemill.profile.internal.range.Fragment;
import dev.tidemill.profile.internal.range.RangeScan;
import dev.tidemill.profile.internal.range.Ranges;
import java.io.IOException;

/**
 * Reads a source once and says what its columns look like.
 *
 * <pre>{@code Profile profile = new Profiler().profile(ByteSource.of(Path.of("orders.csv")), new Format.Auto());}</pre>
 */
public final class Profiler {
    private final int threads;

    /** A profiler that works in the calling thread. */
    public Profiler() {
        this(1);
    }

    /** A profiler that reads a source with records (CSV, JSON Lines) by so many threads at once. */
    public Profiler(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1");
        }
        this.threads = threads;
    }

    /** The profile of the whole source. */
    public Profile profile(ByteSource source, Format format) throws IOException {
        Content content = Content.of(source, format);
        if (threads > 1 && content.isRecords()) {
            return new Profile(ParallelScan.scan(Readers.records(content), threads), new Ranges());
        }
        TableSummary table = new TableSummary();
        try (var reader = Readers.open(content)) {
            table.addAll(reader);
        }
        return new Profile(table, new Ranges());
    }

    /**
     * The profile of the records that start in the range, which may be cut anywhere; they are read to their ends. Whether such a range
     * of a CSV begins inside quotes shows only when it is merged with the ranges before it; until then it is {@link
     * Profile#missing}.
     *
     * @param offset counted from 0
     * @param length at least 1
     * @throws IllegalArgumentException when the format has no records that can be found from the middle
     */
    public Profile profileRange(ByteSource source, Format format, long offset, long length) throws IOException {
        if (offset < 0 || length < 1) {
            throw new IllegalArgumentException("a range must begin at 0 or later and hold at least one byte");
        }
        Records records = Readers.records(source, format);
        long size = source.size();
        long to = Math.min(size, offset + length);
        if (offset == 0 && to == size) {
            return profile(source, format);
        }
        Fragment fragment =
                new Fragment(source.name(), size, offset, to, new RangeScan(records, true).scan(offset, to));
        TableSummary table = new TableSummary();
        Ranges ranges = new Ranges();
        ranges.add(fragment, table);
        return new Profile(table, ranges);
    }

    /**
     * The profile of the records that start in the range, of which it is known that a record starts at its first byte (or that it is
     * the beginning of the source): {@link RecordIndex} finds such cuts.
     */
    public Profile profileRecords(ByteSource source, Format format, long offset, long length) throws IOException {
        TableSummary table = new TableSummary();
        try (var reader = Readers.open(source, format, offset, length)) {
            table.addAll(reader);
        }
        return new Profile(table, new Ranges());
    }
}
