package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.internal.Chunk;
import dev.tidemill.profile.internal.Lines;
import dev.tidemill.profile.internal.RecordCutter;
import dev.tidemill.profile.internal.csv.RecordScanner.State;
import dev.tidemill.profile.internal.kernel.Kernels;
import java.io.IOException;

/** Cuts CSV between records. Without a quote in the bytes that is a search for the last line end. */
final class CsvCutter implements RecordCutter {
    private final ByteSource source;
    private final RecordScanner scanner;
    private final QuoteMask mask;
    private final byte quote;
    private final Kernels kernels;

    CsvCutter(ByteSource source, Dialect dialect, Kernels kernels) {
        this.source = source;
        this.kernels = kernels;
        scanner = new RecordScanner(dialect);
        mask = new QuoteMask(dialect, kernels);
        quote = dialect.quote();
    }

    @Override
    public int lastEnd(Chunk chunk, int from, int to, boolean last) throws IOException {
        if (last) {
            int end = lastEndOutsideQuotes(chunk, from, to);
            return end == to ? end : scan(chunk, from, to, to, true);
        }
        if (kernels.indexOf(chunk.bytes, from, to, quote) < to) {
            int end = lastEndOutsideQuotes(chunk, from, to);
            return end < from ? scan(chunk, from, to, to, false) : end;
        }
        for (int at = to - 1; at >= from; at--) {
            // A CR that comes last may be the first half of a CRLF.
            if (chunk.bytes[at] == '\n' || (chunk.bytes[at] == '\r' && at + 1 < to)) {
                return at + 1;
            }
        }
        return from;
    }

    /** Counts quotes; -1 when that is not enough. */
    private int lastEndOutsideQuotes(Chunk chunk, int from, int to) {
        mask.start(chunk.bytes, from, to);
        int end = from;
        while (mask.next()) {
            long ends = mask.lineEnds();
            if (ends != 0) {
                end = mask.at() + 64 - Long.numberOfLeadingZeros(ends);
            }
        }
        // A CR that comes last may be the first half of a CRLF.
        return mask.odd() || (end == to && end > from && chunk.bytes[end - 1] == '\r') ? -1 : end;
    }

    @Override
    public int firstStart(Chunk chunk, int from, int to, int at, boolean last) throws IOException {
        int start = scan(chunk, from, to, at, last);
        return start >= at ? start : -1;
    }

    /** Walks from record to record until one starts at {@code stop} or later, or the bytes run out. */
    private int scan(Chunk chunk, int from, int to, int stop, boolean last) throws IOException {
        int at = from;
        while (at < stop) {
            int end = scanner.end(chunk.bytes, at, to, State.FIELD_START, last);
            if (end == RecordScanner.INCOMPLETE) {
                if (last) {
                    throw Lines.error(
                            source,
                            chunk.position(scanner.opened()),
                            "quote opened here is never closed; close it, or double it if it is part of the text");
                }
                break;
            }
            at = end;
        }
        return at;
    }
}
