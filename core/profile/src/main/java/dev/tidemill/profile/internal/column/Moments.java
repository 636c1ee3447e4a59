package dev.tidemill.profile.internal.column;

import dev.tidemill.profile.internal.kernel.DoubleStats;
import dev.tidemill.profile.internal.kernel.Kernels;
import dev.tidemill.profile.internal.kernel.LongStats;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Mean and variance of finite numbers. The sum of longs is exact (128 bits), that of doubles carries its rounding errors along, so
 * that cutting and merging change the mean by no more than the last bit; the squares are merged after Chan, Golub and LeVeque (1979),
 * which stays exact when the values are far from zero and close to each other.
 */
final class Moments {
    private long n;
    private long wholeHigh;
    private long wholeLow;
    private double sumHigh;
    private double sumLow;
    private double squares;
    private long positiveInfinities;
    private long negativeInfinities;

    void add(double[] values, int count, DoubleStats stats, Kernels kernels) {
        double center = (stats.sumHigh + stats.sumLow) / count;
        grow(count, stats.sumHigh, stats.sumLow, kernels.squares(values, count, center));
        addSum(stats.sumHigh);
        sumLow += stats.sumLow;
        n += count;
    }

    /** @param values the longs as doubles */
    void add(double[] values, int count, LongStats stats, Kernels kernels) {
        double center = (stats.sumHigh * 0x1p32 + stats.sumLow) / count;
        double high = wholeHigh(stats.sumHigh, stats.sumLow);
        grow(count, high, wholeRest(stats.sumHigh, stats.sumLow, high), kernels.squares(values, count, center));
        addWhole(stats.sumHigh, stats.sumLow);
        n += count;
    }

    void addInfinities(long positive, long negative) {
        positiveInfinities += positive;
        negativeInfinities += negative;
    }

    void merge(Moments other) {
        if (other.n > 0) {
            double whole = wholeHigh(other.wholeHigh, other.wholeLow);
            double high = whole + other.sumHigh;
            grow(other.n, high, rest(whole, other.sumHigh, high) + other.lowSum(whole), other.squares);
            addWhole(other.wholeHigh, other.wholeLow);
            addSum(other.sumHigh);
            sumLow += other.sumLow;
            n += other.n;
        }
        addInfinities(other.positiveInfinities, other.negativeInfinities);
    }

    long count() {
        return n + positiveInfinities + negativeInfinities;
    }

    double mean() {
        if (positiveInfinities > 0) {
            return negativeInfinities > 0 ? Double.NaN : Double.POSITIVE_INFINITY;
        }
        return negativeInfinities > 0 ? Double.NEGATIVE_INFINITY : finiteMean();
    }

    /** The sample's standard deviation; NaN for fewer than two values and where a value is infinite. */
    double stddev() {
        return count() > n || n < 2 ? Double.NaN : Math.sqrt(Math.max(0, squares) / (n - 1));
    }

    private double finiteMean() {
        return (wholeHigh(wholeHigh, wholeLow) + sumHigh + sumLow) / n;
    }

    /**
     * Adds the squares of values with a sum of {@code high + low}. The distance of the means is taken from the sums in double-double:
     * between means rounded to doubles, values around 1e9 would lose eight digits of their deviation.
     */
    private void grow(long count, double high, double low, double newSquares) {
        squares += newSquares;
        if (n > 0) {
            double whole = wholeHigh(wholeHigh, wholeLow);
            double ownHigh = whole + sumHigh;
            double ownLow = rest(whole, sumHigh, ownHigh) + lowSum(whole);
            double theirs = high * n;
            double ours = ownHigh * count;
            double difference = (theirs - ours)
                    + (Math.fma(high, n, -theirs) - Math.fma(ownHigh, count, -ours))
                    + (low * n - ownLow * count);
            squares += difference / n * (difference / count) / ((double) n + count);
        }
    }

    private double lowSum(double whole) {
        return sumLow + wholeRest(wholeHigh, wholeLow, whole);
    }

    /** The whole sum {@code high × 2^32 + low} as a double. */
    private static double wholeHigh(long high, long low) {
        return high * 0x1p32 + low;
    }

    /** What {@link #wholeHigh} rounded away. */
    private static double wholeRest(long high, long low, double rounded) {
        double top = (double) high;
        return (top * 0x1p32 - rounded) + ((high - (long) top) * 0x1p32 + low);
    }

    /** What rounding {@code a + b} to {@code sum} lost (Knuth's TwoSum). */
    private static double rest(double a, double b, double sum) {
        double part = sum - a;
        return (a - (sum - part)) + (b - part);
    }

    private void addWhole(long high, long low) {
        wholeLow += low;
        wholeHigh += high + (wholeLow >>> 32);
        wholeLow &= 0xFFFFFFFFL;
    }

    private void addSum(double value) {
        double sum = sumHigh + value;
        sumLow += rest(sumHigh, value, sum);
        sumHigh = sum;
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(n);
        out.writeLong(wholeHigh);
        out.writeLong(wholeLow);
        out.writeDouble(sumHigh);
        out.writeDouble(sumLow);
        out.writeDouble(squares);
        out.writeLong(positiveInfinities);
        out.writeLong(negativeInfinities);
    }

    static Moments read(DataInput in) throws IOException {
        Moments moments = new Moments();
        moments.n = in.readLong();
        moments.wholeHigh = in.readLong();
        moments.wholeLow = in.readLong();
        moments.sumHigh = in.readDouble();
        moments.sumLow = in.readDouble();
        moments.squares = in.readDouble();
        moments.positiveInfinities = in.readLong();
        moments.negativeInfinities = in.readLong();
        return moments;
    }
}
