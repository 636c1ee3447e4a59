package dev.tidemill.profile.internal.kernel;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The same answers with the Vector API (JEP 508), in the widest vectors that the machine prefers. Sums are added in another order than
 * {@link ScalarKernels} does, lane by lane, each lane with its rounding errors carried along.
 */
final class VectorKernels implements Kernels {
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final ScalarKernels SCALAR = new ScalarKernels();

    int bits() {
        return BYTES.vectorBitSize();
    }

    @Override
    public void classify(byte[] bytes, int from, int blocks, byte delimiter, byte quote, long[] masks) {
        for (int block = 0; block < blocks; block++) {
            int at = from + 64 * block;
            long delimiters = 0;
            long quotes = 0;
            long feeds = 0;
            long returns = 0;
            for (int k = 0; k < 64; k += BYTES.length()) {
                ByteVector vector = ByteVector.fromArray(BYTES, bytes, at + k);
                delimiters |= vector.eq(delimiter).toLong() << k;
                quotes |= vector.eq(quote).toLong() << k;
                feeds |= vector.eq((byte) '\n').toLong() << k;
                returns |= vector.eq((byte) '\r').toLong() << k;
            }
            int to = 4 * block;
            masks[to + DELIMITERS] = delimiters;
            masks[to + QUOTES] = quotes;
            masks[to + LINE_FEEDS] = feeds;
            masks[to + RETURNS] = returns;
        }
    }

    @Override
    public boolean isAscii(byte[] bytes, int from, int to) {
        int at = from;
        int end = from + BYTES.loopBound(to - from);
        ByteVector seen = ByteVector.zero(BYTES);
        for (; at < end; at += BYTES.length()) {
            seen = seen.or(ByteVector.fromArray(BYTES, bytes, at));
        }
        return !seen.test(VectorOperators.IS_NEGATIVE).anyTrue() && SCALAR.isAscii(bytes, at, to);
    }

    @Override
    public int indexOf(byte[] bytes, int from, int to, byte wanted) {
        int at = from;
        int end = from + BYTES.loopBound(to - from);
        for (; at < end; at += BYTES.length()) {
            VectorMask<Byte> found = ByteVector.fromArray(BYTES, bytes, at).eq(wanted);
            if (found.anyTrue()) {
                return at + found.firstTrue();
            }
        }
        return SCALAR.indexOf(bytes, at, to, wanted);
    }

    @Override
    public void summarize(double[] values, int n, DoubleStats into) {
        int end = DOUBLES.loopBound(n);
        SCALAR.summarize(values, end, n, into);
        if (end == 0 || !into.finite) {
            return;
        }
        DoubleVector min = DoubleVector.broadcast(DOUBLES, Double.POSITIVE_INFINITY);
        DoubleVector max = DoubleVector.broadcast(DOUBLES, Double.NEGATIVE_INFINITY);
        DoubleVector high = DoubleVector.zero(DOUBLES);
        DoubleVector low = DoubleVector.zero(DOUBLES);
        VectorMask<Double> finite = DOUBLES.maskAll(true);
        for (int i = 0; i < end; i += DOUBLES.length()) {
            DoubleVector value = DoubleVector.fromArray(DOUBLES, values, i);
            finite = finite.and(value.test(VectorOperators.IS_FINITE));
            // Compare and blend is twice as fast as min() and max(), which care for NaN and minus zero; neither matters
            // here.
            min = min.blend(value, value.lt(min));
            max = max.blend(value, max.lt(value));
            DoubleVector sum = high.add(value);
            DoubleVector part = sum.sub(high);
            low = low.add(high.sub(sum.sub(part)).add(value.sub(part)));
            high = sum;
        }
        into.finite = finite.allTrue();
        if (!into.finite) {
            return;
        }
        double[] mins = min.toArray();
        double[] maxs = max.toArray();
        double[] highs = high.toArray();
        double[] lows = low.toArray();
        for (int lane = 0; lane < mins.length; lane++) {
            into.min = Math.min(into.min, mins[lane]);
            into.max = Math.max(into.max, maxs[lane]);
            into.addToSum(highs[lane]);
            into.sumLow += lows[lane];
        }
    }

    @Override
    public void summarize(long[] values, int n, LongStats into) {
        int end = LONGS.loopBound(n);
        SCALAR.summarize(values, end, n, into);
        if (end == 0) {
            return;
        }
        LongVector min = LongVector.broadcast(LONGS, Long.MAX_VALUE);
        LongVector max = LongVector.broadcast(LONGS, Long.MIN_VALUE);
        LongVector high = LongVector.zero(LONGS);
        LongVector low = LongVector.zero(LONGS);
        for (int i = 0; i < end; i += LONGS.length()) {
            LongVector value = LongVector.fromArray(LONGS, values, i);
            min = min.min(value);
            max = max.max(value);
            high = high.add(value.lanewise(VectorOperators.ASHR, 32));
            low = low.add(value.and(0xFFFFFFFFL));
        }
        long[] mins = min.toArray();
        long[] maxs = max.toArray();
        long[] highs = high.toArray();
        long[] lows = low.toArray();
        for (int lane = 0; lane < mins.length; lane++) {
            into.min = Math.min(into.min, mins[lane]);
            into.max = Math.max(into.max, maxs[lane]);
            into.sumHigh += highs[lane];
            into.sumLow += lows[lane];
        }
    }

    @Override
    public double squares(double[] values, int n, double center) {
        int end = DOUBLES.loopBound(n);
        DoubleVector squares = DoubleVector.zero(DOUBLES);
        DoubleVector rest = DoubleVector.zero(DOUBLES);
        for (int i = 0; i < end; i += DOUBLES.length()) {
            DoubleVector distance = DoubleVector.fromArray(DOUBLES, values, i).sub(center);
            squares = squares.add(distance.mul(distance));
            rest = rest.add(distance);
        }
        double sum = squares.reduceLanes(VectorOperators.ADD);
        double distances = rest.reduceLanes(VectorOperators.ADD);
        for (int i = end; i < n; i++) {
            double distance = values[i] - center;
            sum += distance * distance;
            distances += distance;
        }
        return sum - distances * distances / n;
    }
}
