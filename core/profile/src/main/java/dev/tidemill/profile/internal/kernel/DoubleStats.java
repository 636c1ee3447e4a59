package dev.tidemill.profile.internal.kernel;

/** What a kernel says of some doubles. When {@code finite} is false the other fields mean nothing. */
public final class DoubleStats {
    public boolean finite;
    public double min;
    public double max;
    /** The sum is {@code sumHigh + sumLow}, as exact as twice a double's precision allows. */
    public double sumHigh;

    public double sumLow;

    /** Adds without losing the rounding error: TwoSum (Knuth, The Art of Computer Programming 2, 4.2.2). */
    void addToSum(double value) {
        double sum = sumHigh + value;
        double part = sum - sumHigh;
        sumLow += (sumHigh - (sum - part)) + (value - part);
        sumHigh = sum;
    }
}
