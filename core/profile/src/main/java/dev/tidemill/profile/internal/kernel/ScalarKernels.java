package dev.tidemill.profile.internal.kernel;

/** The specification: plain loops, readable from top to bottom. */
public final class ScalarKernels implements Kernels {

    @Override
    public void summarize(double[] values, int n, DoubleStats into) {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        double high = 0;
        double low = 0;
        for (int i = 0; i < n; i++) {
            double value = values[i];
            if (!Double.isFinite(value)) {
                into.finite = false;
                return;
            }
            min = Math.min(min, value);
            max = Math.max(max, value);
            // TwoSum (Knuth): the rounding error of each addition is kept in low.
            double sum = high + value;
            double part = sum - high;
            low += (high - (sum - part)) + (value - part);
            high = sum;
        }
        into.finite = true;
        into.min = min;
        into.max = max;
        into.sumHigh = high;
        into.sumLow = low;
    }

    @Override
    public void summarize(long[] values, int n, LongStats into) {
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        long high = 0;
        long low = 0;
        for (int i = 0; i < n; i++) {
            long value = values[i];
            min = Math.min(min, value);
            max = Math.max(max, value);
            high += value >> 32;
            low += value & 0xFFFFFFFFL;
        }
        into.min = min;
        into.max = max;
        into.sumHigh = high;
        into.sumLow = low;
    }

    @Override
    public double squares(double[] values, int n, double center) {
        double squares = 0;
        double rest = 0;
        for (int i = 0; i < n; i++) {
            double distance = values[i] - center;
            squares += distance * distance;
            rest += distance;
        }
        return squares - rest * rest / n;
    }

    @Override
    public boolean isAscii(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] < 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int indexOf(byte[] bytes, int from, int to, byte wanted) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return to;
    }
}
