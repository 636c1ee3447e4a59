package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.internal.csv.RecordScanner.State;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Where the first record of a range may start. The byte before the range leaves two or three states of the reader open; each is
 * followed to the end of the record that it is in.
 */
public final class CsvStarts {
    private static final int FIRST_LOOK = 1 << 16;

    private CsvStarts() {}

    /**
     * All record starts in {@code [from, to)} that some state before {@code from} can lead to first.
     *
     * @param from beyond {@link Dialect#dataStart}
     */
    public static SortedSet<Long> find(ByteSource source, Dialect dialect, long from, long to) throws IOException {
        RecordScanner scanner = new RecordScanner(dialect);
        SortedSet<Long> starts = new TreeSet<>();
        try (InputStream in = source.open(from - 1)) {
            byte[] bytes = in.readNBytes(FIRST_LOOK);
            boolean last = bytes.length < FIRST_LOOK;
            if (bytes.length < 2) {
                return starts;
            }
            Set<State> open = EnumSet.noneOf(State.class);
            byte before = bytes[0];
            if (before == '\n' || (before == '\r' && bytes[1] != '\n')) {
                starts.add(from);
            } else if (before == '\r') {
                open.add(State.UNQUOTED);
            } else if (before == dialect.delimiter()) {
                open.add(State.FIELD_START);
            } else if (before == dialect.quote()) {
                open.add(State.QUOTE_IN_QUOTED);
                open.add(State.UNQUOTED);
            } else {
                open.add(State.UNQUOTED);
            }
            open.add(State.QUOTED);
            while (true) {
                for (State state : Set.copyOf(open)) {
                    int end = scanner.end(bytes, 1, bytes.length, state, last);
                    if (end != RecordScanner.INCOMPLETE) {
                        open.remove(state);
                        starts.add(from - 1 + end);
                    }
                }
                if (open.isEmpty() || last || from - 1 + bytes.length >= to) {
                    break;
                }
                byte[] more = in.readNBytes(3 * bytes.length);
                last = more.length < 3 * bytes.length;
                int size = bytes.length;
                bytes = Arrays.copyOf(bytes, size + more.length);
                System.arraycopy(more, 0, bytes, size, more.length);
            }
        }
        return new TreeSet<>(starts.headSet(to));
    }
}
