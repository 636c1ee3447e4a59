package dev.tidemill.profile.internal.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The vector kernels say what the scalar ones say. Both are made by name, so that nothing is compared with itself. */
class KernelsTest {
    private static final int ROUNDS = 2000;

    private final Kernels scalar = new ScalarKernels();
    private final Kernels vector = new VectorKernels();
    private final Random random = new Random(3);

    @Test
    void theVectorKernelsAreTheOnesThatRunHere() {
        assertThat(Kernels.best()).isInstanceOf(VectorKernels.class);
    }

    @Test
    void classifiesTheSameBytes() {
        int set = 0;
        for (int round = 0; round < ROUNDS; round++) {
            int blocks = 1 + random.nextInt(5);
            byte[] bytes = bytes(64 * blocks + 7);
            long[] expected = new long[4 * blocks];
            long[] actual = new long[4 * blocks];
            int from = random.nextInt(7);
            scalar.classify(bytes, from, blocks, (byte) ',', (byte) '"', expected);
            vector.classify(bytes, from, blocks, (byte) ',', (byte) '"', actual);

            assertThat(actual).isEqualTo(expected);
            set += Arrays.stream(expected).mapToInt(Long::bitCount).sum();
        }
        assertThat(set).isGreaterThan(10 * ROUNDS);
    }

    @Test
    void findsTheSameByteAndTheSameAscii() {
        int ascii = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = bytes(300);
            if (random.nextBoolean()) {
                bytes[random.nextInt(300)] = (byte) 0xC3;
            }
            int from = random.nextInt(300);
            int to = from + random.nextInt(301 - from);
            assertThat(vector.indexOf(bytes, from, to, (byte) '"'))
                    .isEqualTo(scalar.indexOf(bytes, from, to, (byte) '"'));
            assertThat(vector.isAscii(bytes, from, to)).isEqualTo(scalar.isAscii(bytes, from, to));
            ascii += scalar.isAscii(bytes, from, to) ? 1 : 0;
        }
        assertThat(ascii).isBetween(ROUNDS / 4, ROUNDS - ROUNDS / 10);
    }

    private byte[] bytes(int n) {
        byte[] bytes = new byte[n];
        for (int i = 0; i < n; i++) {
            bytes[i] = (byte) "abc,\"\n\r0".charAt(random.nextInt(8));
        }
        return bytes;
    }

    @Test
    void sumsUpTheSameDoubles() {
        int finite = 0;
        for (int round = 0; round < ROUNDS; round++) {
            int n = 1 + random.nextInt(100);
            double[] values = random.doubles(n, -1e3, 1e3).map(x -> x * x * x).toArray();
            if (random.nextInt(4) == 0) {
                double[] special = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
                values[random.nextInt(n)] = special[random.nextInt(3)];
            }
            DoubleStats expected = new DoubleStats();
            DoubleStats actual = new DoubleStats();
            scalar.summarize(values, n, expected);
            vector.summarize(values, n, actual);

            assertThat(actual.finite).isEqualTo(expected.finite);
            if (expected.finite) {
                finite++;
                assertThat(actual.min).isEqualTo(expected.min);
                assertThat(actual.max).isEqualTo(expected.max);
                assertThat(actual.sumHigh + actual.sumLow).isEqualTo(expected.sumHigh + expected.sumLow);
                double squares = scalar.squares(values, n, 5);
                assertThat(vector.squares(values, n, 5)).isCloseTo(squares, within(1e-12 * (squares + 1e18)));
            }
        }
        assertThat(finite).isGreaterThan(ROUNDS / 2);
    }

    @Test
    void sumsUpTheSameLongs() {
        for (int round = 0; round < ROUNDS; round++) {
            int n = 1 + random.nextInt(100);
            long[] values = random.longs(n).map(x -> x >> random.nextInt(64)).toArray();
            LongStats expected = new LongStats();
            LongStats actual = new LongStats();
            scalar.summarize(values, n, expected);
            vector.summarize(values, n, actual);

            assertThat(actual.min).isEqualTo(expected.min);
            assertThat(actual.max).isEqualTo(expected.max);
            assertThat(actual.sumHigh).isEqualTo(expected.sumHigh);
            assertThat(actual.sumLow).isEqualTo(expected.sumLow);
        }
    }
}
