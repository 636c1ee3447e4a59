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
    private final byte quote;
    private final Kernels kernels;

    CsvCutter(ByteSource source, Dialect dialect, Kernels kernels) {
        this.source = source;
        this.kernels = kernels;
        scanner = new RecordScanner(dialect);
        quote = dialect.quote();
    }

    @Override
    public int lastEnd(Chunk chunk, int from, int to, boolean last) throws IOException {
        if (last) {
            return scan(chunk, from, to, to, true);
        }
        if (kernels.indexOf(chunk.bytes, from, to, quote) < to) {
            return scan(chunk, from, to, to, false);
        }
        for (int at = to - 1; at >= from; at--) {
            // A CR that comes last may be the first half of a CRLF.
            if (chunk.bytes[at] == '\n' || (chunk.bytes[at] == '\r' && at + 1 < to)) {
                return at + 1;
            }
        }
        return from;
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
