package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.internal.kernel.Kernels;

/**
 * Walks over blocks of 64 bytes and tells which bytes structure the records and which of them lie in quotes. Quotes are counted: an
 * odd one opens, an even one closes, two of them inside quotes close and open again. That holds as long as quotes stand only where a
 * field begins or ends; where one does not, {@link #odd} says so and {@link RecordScanner} has to look at every byte.
 */
final class QuoteMask {
    /** Blocks that are classified at a time: their words stay in the first-level cache. */
    static final int BLOCKS = 64;

    private final Kernels kernels;
    private final byte delimiter;
    private final byte quote;
    private final long[] masks = new long[4 * BLOCKS];
    private byte[] bytes = new byte[0];
    private int at;
    private int to;
    private int block;
    private int blocks;
    /** All ones while a quote is open. */
    private long open;
    /** Bit 0: the byte before the block may stand before an opening quote. */
    private long boundary;
    /** Bit 0: the byte before the block closed a quote. */
    private long closed;

    private long lineEnds;
    private long delimiters;
    private boolean odd;
    private boolean doubled;

    QuoteMask(Dialect dialect, Kernels kernels) {
        this.kernels = kernels;
        delimiter = dialect.delimiter();
        quote = dialect.quote();
    }

    /** Starts over with {@code bytes[from..to)}; a record starts at {@code from}. */
    void start(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.to = to;
        at = from - 64;
        block = 0;
        blocks = 0;
        open = 0;
        boundary = 1;
        closed = 0;
        odd = false;
        doubled = false;
    }

    /** Goes to the next block; false at the end. */
    boolean next() {
        at += 64;
        if (at >= to) {
            return false;
        }
        if (++block >= blocks) {
            block = 0;
            blocks = Math.min(BLOCKS, (to - at + 63) >>> 6);
            classify();
        }
        int word = 4 * block;
        long valid = to - at >= 64 ? -1 : (1L << (to - at)) - 1;
        long feeds = masks[word + Kernels.LINE_FEEDS] & valid;
        long returns = masks[word + Kernels.RETURNS] & valid;
        long quotes = masks[word + Kernels.QUOTES] & valid;
        delimiters = masks[word + Kernels.DELIMITERS] & valid;
        lineEnds = feeds;
        if (returns != 0) {
            // A CR ends a line unless an LF follows, which does.
            long followed = feeds >>> 1 | (at + 64 < to && bytes[at + 64] == '\n' ? Long.MIN_VALUE : 0);
            lineEnds |= returns & ~followed;
        }
        if ((quotes | open | closed) == 0) {
            boundary = (delimiters | feeds | returns) >>> 63;
            return true;
        }
        long inside = prefixXor(quotes) ^ open;
        long openers = quotes & inside;
        long closers = quotes & ~inside;
        long structure = delimiters | feeds | returns | quotes;
        odd |= (openers & ~(structure << 1 | boundary)) != 0;
        odd |= ((closers << 1 | closed) & ~structure & valid) != 0;
        doubled |= (openers & (quotes << 1 | closed)) != 0;
        boundary = structure >>> 63;
        closed = closers >>> 63;
        open = inside >> 63;
        lineEnds &= ~inside;
        delimiters &= ~inside;
        return true;
    }

    private void classify() {
        // The last block may reach beyond the readable bytes.
        int whole = Math.min(blocks, (bytes.length - at) >>> 6);
        kernels.classify(bytes, at, whole, delimiter, quote, masks);
        if (whole < blocks) {
            byte[] rest = java.util.Arrays.copyOfRange(bytes, at + 64 * whole, at + 64 * whole + 64);
            long[] words = new long[4];
            kernels.classify(rest, 0, 1, delimiter, quote, words);
            System.arraycopy(words, 0, masks, 4 * whole, 4);
        }
    }

    /** Bit i is the parity of bits 0 to i. */
    private static long prefixXor(long bits) {
        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        bits ^= bits << 32;
        return bits;
    }

    /** Where the block begins. */
    int at() {
        return at;
    }

    /** The line ends outside quotes; of a CRLF the LF. */
    long lineEnds() {
        return lineEnds;
    }

    /** The delimiters outside quotes. */
    long delimiters() {
        return delimiters;
    }

    /** Whether a quote stood where counting does not explain it. */
    boolean odd() {
        return odd;
    }

    /** Whether two quotes inside quotes were seen. */
    boolean doubled() {
        return doubled;
    }
}
