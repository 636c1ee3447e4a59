package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.internal.kernel.Kernels;
import java.util.Arrays;

/**
 * Where the fields of some whole records end: the positions of delimiters and line ends outside quotes, in order; and which of them end
 * records.
 */
final class FieldIndex {
    private final QuoteMask mask;
    private int[] ends = new int[1 << 12];
    private int size;
    private int[] lasts = new int[1 << 8];
    private int records;

    FieldIndex(Dialect dialect, Kernels kernels) {
        mask = new QuoteMask(dialect, kernels);
    }

    /**
     * Indexes {@code bytes[from..to)}, which holds whole records. Where the last one has no line end, {@code to} is its end.
     *
     * @return false when a quote stands where counting does not explain it; the index is then of no use
     */
    boolean build(byte[] bytes, int from, int to) {
        size = 0;
        records = 0;
        mask.start(bytes, from, to);
        while (mask.next()) {
            long lines = mask.lineEnds();
            long bits = mask.delimiters() | lines;
            int at = mask.at();
            reserve();
            int[] out = ends;
            int n = size;
            for (long left = bits; left != 0; left &= left - 1) {
                out[n++] = at + Long.numberOfTrailingZeros(left);
            }
            for (long left = lines; left != 0; left &= left - 1) {
                int last = size + Long.bitCount(bits & (left & -left) - 1);
                int end = out[last];
                out[last] -= end > from && bytes[end] == '\n' && bytes[end - 1] == '\r' ? 1 : 0;
                lasts[records++] = last;
            }
            size = n;
        }
        if (to > from && bytes[to - 1] != '\n' && bytes[to - 1] != '\r') {
            reserve();
            lasts[records++] = size;
            ends[size++] = to;
        }
        return !mask.odd();
    }

    /** Makes room for a block of each. */
    private void reserve() {
        if (size + 64 > ends.length) {
            ends = Arrays.copyOf(ends, 2 * ends.length);
        }
        if (records + 64 > lasts.length) {
            lasts = Arrays.copyOf(lasts, 2 * lasts.length);
        }
    }

    /** The positions, of a CRLF that of the CR. */
    int[] ends() {
        return ends;
    }

    /** For each of the {@link #records} which of {@link #ends} is its last field's. */
    int[] lasts() {
        return lasts;
    }

    int records() {
        return records;
    }

    /** Whether some field holds two quotes for one. */
    boolean doubled() {
        return mask.doubled();
    }
}
