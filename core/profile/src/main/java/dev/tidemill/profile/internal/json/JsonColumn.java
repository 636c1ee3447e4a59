package dev.tidemill.profile.internal.json;

import dev.tidemill.profile.internal.ColumnVector.JsonKind;
import dev.tidemill.profile.internal.text.Hash;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The values of one key in a batch, and how the key was written when it came last: lines tend to be written alike. */
final class JsonColumn {
    private static final int FEW_ROWS = 32;

    /** Among the columns that are wanted as floats, or -1. */
    final int place;

    int[] starts = new int[FEW_ROWS];
    /** In bytes; -1 where there is no value. */
    int[] lengths = new int[FEW_ROWS];

    JsonKind[] kinds = new JsonKind[FEW_ROWS];
    /** One bit for each kind that the batch holds. */
    int kindsSeen;

    /** Rows of the batch that are settled. */
    private int rows;

    /** The column that came behind this one last. */
    @Nullable
    JsonColumn next;

    /** All that stood between the value before and its own, as in {@code , "key": }. */
    private byte[] lead = {};
    /** The lead's first bytes by eight, and which of them count. Before a key was seen: what UTF-8 never is. */
    private long first = -1;

    private long firstMask = -1;
    private long second;
    private long secondMask;

    JsonColumn(int place) {
        this.place = place;
    }

    /** Where its value begins if its lead stands at {@code at}, else -1. */
    int behindLead(byte[] bytes, int at, int to) {
        long differs = (Hash.load(bytes, at) ^ first) & firstMask | (Hash.load(bytes, at + 8) ^ second) & secondMask;
        int end = at + lead.length;
        boolean leads = differs == 0
                && end <= to
                && (lead.length <= 16 || Arrays.equals(bytes, at + 16, end, lead, 16, lead.length));
        return leads ? end : -1;
    }

    /** Its lead is {@code bytes[from..to)}. */
    void lead(byte[] bytes, int from, int to) {
        lead = Arrays.copyOfRange(bytes, from, to);
        byte[] words = Arrays.copyOf(lead, Math.max(16, lead.length));
        first = Hash.load(words, 0);
        firstMask = mask(lead.length);
        second = Hash.load(words, 8);
        secondMask = mask(lead.length - 8);
    }

    private static long mask(int bytes) {
        return bytes >= 8 ? -1 : bytes <= 0 ? 0 : (1L << 8 * bytes) - 1;
    }

    /** Begins a batch. */
    void begin() {
        rows = 0;
        kindsSeen = 0;
    }

    /** Of several values in one row the last one counts. */
    void put(int row, int start, int length, JsonKind kind) {
        if (row > rows) {
            settle(row);
        }
        if (row == starts.length) {
            grow(row + 1);
        }
        starts[row] = start;
        lengths[row] = length;
        kinds[row] = kind;
        kindsSeen |= 1 << kind.ordinal();
        rows = row + 1;
    }

    void putNull(int row) {
        rows = Math.min(row, rows);
        settle(row + 1);
    }

    /** The rows up to here that have nothing yet have no value. */
    void settle(int to) {
        if (rows < to) {
            if (to > starts.length) {
                grow(to);
            }
            Arrays.fill(lengths, rows, to, -1);
            rows = to;
        }
    }

    private void grow(int least) {
        int size = Math.max(least, 2 * starts.length);
        starts = Arrays.copyOf(starts, size);
        lengths = Arrays.copyOf(lengths, size);
        kinds = Arrays.copyOf(kinds, size);
    }
}
