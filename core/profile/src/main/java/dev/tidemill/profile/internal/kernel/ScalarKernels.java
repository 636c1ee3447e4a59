package dev.tidemill.profile.internal.kernel;

/** The specification: plain loops, readable from top to bottom. */
public final class ScalarKernels implements Kernels {

    @Override
    public void classify(byte[] bytes, int from, int blocks, byte delimiter, byte quote, long[] masks) {
        for (int block = 0; block < blocks; block++) {
            int to = 4 * block;
            masks[to + DELIMITERS] = mask(bytes, from + 64 * block, delimiter);
            masks[to + QUOTES] = mask(bytes, from + 64 * block, quote);
            masks[to + LINE_FEEDS] = mask(bytes, from + 64 * block, (byte) '\n');
            masks[to + RETURNS] = mask(bytes, from + 64 * block, (byte) '\r');
        }
    }

    private static long mask(byte[] bytes, int at, byte wanted) {
        long mask = 0;
        for (int i = 0; i < 64; i++) {
            mask |= bytes[at + i] == wanted ? 1L << i : 0;
        }
        return mask;
    }

    @Override
    public void summarize(double[] values, int n, DoubleStats into) {
        summarize(values, 0, n, into);
    }

    void summarize(double[] values, int from, int to, DoubleStats into) {
        into.min = Double.POSITIVE_INFINITY;
        into.max = Double.NEGATIVE_INFINITY;
        into.sumHigh = 0;
        into.sumLow = 0;
        into.finite = true;
        for (int i = from; i < to; i++) {
            double value = values[i];
            if (!Double.isFinite(value)) {
                into.finite = false;
                return;
            }
            into.min = Math.min(into.min, value);
            into.max = Math.max(into.max, value);
            into.addToSum(value);
        }
    }

    @Override
    public void summarize(long[] values, int n, LongStats into) {
        summarize(values, 0, n, into);
    }

    void summarize(long[] values, int from, int to, LongStats into) {
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        long high = 0;
        long low = 0;
        for (int i = from; i < to; i++) {
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
