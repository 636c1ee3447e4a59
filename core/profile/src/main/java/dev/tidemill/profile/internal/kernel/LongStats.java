package dev.tidemill.profile.internal.kernel;

/** What a kernel says of some longs: the exact sum is {@code sumHigh × 2^32 + sumLow}. */
public final class LongStats {
    public long min;
    public long max;
    /** The sum of the upper halves, signed. */
    public long sumHigh;
    /** The sum of the lower halves, unsigned. */
    public long sumLow;
}
