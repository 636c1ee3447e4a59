package dev.tidemill.profile.internal.kernel;

/** The loops over numbers and bytes that have a scalar and a vector form. Stateless and safe for concurrent use. */
public interface Kernels {

    /** The kernels of this machine, chosen once. */
    static Kernels best() {
        return KernelProvider.BEST;
    }

    int DELIMITERS = 0;
    int QUOTES = 1;
    int LINE_FEEDS = 2;
    int RETURNS = 3;

    /**
     * Where the bytes are that structure CSV: four words for each block of 64 bytes, at {@code masks[4 × block + DELIMITERS]} and so
     * on, bit i for byte i.
     *
     * @param bytes readable up to {@code from + 64 × blocks}
     */
    void classify(byte[] bytes, int from, int blocks, byte delimiter, byte quote, long[] masks);

    /** Sums up {@code values[0..n)}, {@code n > 0}. */
    void summarize(double[] values, int n, DoubleStats into);

    /** Sums up {@code values[0..n)}, {@code n > 0}. */
    void summarize(long[] values, int n, LongStats into);

    /** The sum of the squared distances of {@code values[0..n)} from {@code center}, corrected for the rounding of the center. */
    double squares(double[] values, int n, double center);

    /** Whether {@code bytes[from..to)} are all below 128. */
    boolean isAscii(byte[] bytes, int from, int to);

    /** Where {@code wanted} comes first in {@code bytes[from..to)}, or {@code to}. */
    int indexOf(byte[] bytes, int from, int to, byte wanted);
}
