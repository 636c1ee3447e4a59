package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.internal.kernel.Kernels;
import java.util.Arrays;

/** Where the fields of some whole records end: the positions of delimiters and line ends outside quotes, in order. */
final class FieldIndex {
    private final QuoteMask mask;
    private int[] ends = new int[1 << 12];
    private int size;

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
        mask.start(bytes, from, to);
        while (mask.next()) {
            long bits = mask.delimiters() | mask.lineEnds();
            int at = mask.at();
            if (size + 64 > ends.length) {
                ends = Arrays.copyOf(ends, 2 * ends.length);
            }
            int[] out = ends;
            int n = size;
            size += Long.bitCount(bits);
            while (bits != 0) {
                out[n++] = at + Long.numberOfTrailingZeros(bits);
                bits &= bits - 1;
            }
        }
        if (to > from && bytes[to - 1] != '\n' && bytes[to - 1] != '\r') {
            if (size == ends.length) {
                ends = Arrays.copyOf(ends, size + 1);
            }
            ends[size++] = to;
        }
        return !mask.odd();
    }

    /** The positions; only the first {@link #size} mean anything. */
    int[] ends() {
        return ends;
    }

    int size() {
        return size;
    }

    /** Whether some field holds two quotes for one. */
    boolean doubled() {
        return mask.doubled();
    }
}
