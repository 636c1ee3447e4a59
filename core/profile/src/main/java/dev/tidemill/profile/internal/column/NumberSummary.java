package dev.tidemill.profile.internal.column;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Bounds, moments and quantiles of numbers or times. Keys order as longs do: a long or a time is its own key, a double's key is its
 * bits with the order of negative numbers turned round.
 */
final class NumberSummary {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    final Moments moments;
    final Quantiles quantiles;

    NumberSummary() {
        this(new Moments(), new Quantiles());
    }

    private NumberSummary(Moments moments, Quantiles quantiles) {
        this.moments = moments;
        this.quantiles = quantiles;
    }

    static long key(double value) {
        // Adding zero makes one of both zeros.
        long bits = Double.doubleToRawLongBits(value + 0.0);
        return bits ^ (bits >> 63 & Long.MAX_VALUE);
    }

    static double fromKey(long key) {
        return Double.longBitsToDouble(key ^ (key >> 63 & Long.MAX_VALUE));
    }

    /** Adds longs: {@code scratch.longs[0..n)}. */
    void addLongs(Scratch scratch, int n) {
        addTimes(scratch, n);
        for (int i = 0; i < n; i++) {
            scratch.doubles[i] = scratch.longs[i];
        }
        moments.add(scratch.doubles, n, scratch.longStats, scratch.kernels);
    }

    /** Adds times, which have no mean: {@code scratch.longs[0..n)}. */
    void addTimes(Scratch scratch, int n) {
        scratch.kernels.summarize(scratch.longs, n, scratch.longStats);
        min = Math.min(min, scratch.longStats.min);
        max = Math.max(max, scratch.longStats.max);
        quantiles.add(scratch.longs, n);
    }

    /** Adds doubles that are not NaN: {@code scratch.doubles[0..n)}. */
    void addDoubles(Scratch scratch, int n) {
        double[] values = scratch.doubles;
        for (int i = 0; i < n; i++) {
            scratch.longs[i] = key(values[i]);
        }
        quantiles.add(scratch.longs, n);
        scratch.kernels.summarize(values, n, scratch.doubleStats);
        int finite = n;
        if (!scratch.doubleStats.finite) {
            finite = separateInfinities(values, n);
            if (finite > 0) {
                scratch.kernels.summarize(values, finite, scratch.doubleStats);
            }
        }
        if (finite > 0) {
            min = Math.min(min, key(scratch.doubleStats.min));
            max = Math.max(max, key(scratch.doubleStats.max));
            moments.add(values, finite, scratch.doubleStats, scratch.kernels);
        }
    }

    private int separateInfinities(double[] values, int n) {
        int finite = 0;
        int positive = 0;
        for (int i = 0; i < n; i++) {
            if (Double.isFinite(values[i])) {
                values[finite++] = values[i];
            } else if (values[i] > 0) {
                positive++;
            }
        }
        int negative = n - finite - positive;
        if (positive > 0) {
            max = key(Double.POSITIVE_INFINITY);
            min = Math.min(min, max);
        }
        if (negative > 0) {
            min = key(Double.NEGATIVE_INFINITY);
            max = Math.max(max, min);
        }
        moments.addInfinities(positive, negative);
        return finite;
    }

    /** From keys of longs to keys of doubles. */
    void toDoubles() {
        if (quantiles.count() > 0) {
            min = key((double) min);
            max = key((double) max);
            quantiles.map(key -> key((double) key));
        }
    }

    void merge(NumberSummary other) {
        min = Math.min(min, other.min);
        max = Math.max(max, other.max);
        moments.merge(other.moments);
        quantiles.merge(other.quantiles);
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(min);
        out.writeLong(max);
        moments.write(out);
        quantiles.write(out);
    }

    static NumberSummary read(DataInput in) throws IOException {
        long min = in.readLong();
        long max = in.readLong();
        NumberSummary summary = new NumberSummary(Moments.read(in), Quantiles.read(in));
        summary.min = min;
        summary.max = max;
        return summary;
    }
}
