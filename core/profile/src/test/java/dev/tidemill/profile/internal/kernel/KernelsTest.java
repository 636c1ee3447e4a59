package dev.tidemill.profile.internal.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.ColumnProfile;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.column.TableSummary;
import dev.tidemill.profile.internal.csv.CsvRecords;
import dev.tidemill.profile.internal.csv.Dialect;
import dev.tidemill.profile.internal.csv.Sniffer;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
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
    void withoutTheVectorModuleTheScalarOnesRun() {
        assertThat(KernelProvider.choose(false)).isInstanceOf(ScalarKernels.class);
    }

    @Test
    void aProfileIsTheSameWithBoth() throws IOException {
        StringBuilder csv = new StringBuilder("id,x,name\n");
        for (int i = 0; i < 20_000; i++) {
            double x = random.nextInt(1000) / 8.0;
            csv.append(i)
                    .append(',')
                    .append(x)
                    .append(i % 7 == 0 ? ",\"a,\n" : ",\"")
                    .append(i % 300)
                    .append("\"\n");
        }
        byte[] bytes = csv.toString().getBytes(UTF_8);

        assertThat(profile(bytes, vector)).isEqualTo(profile(bytes, scalar));
    }

    private static List<ColumnProfile> profile(byte[] bytes, Kernels kernels) throws IOException {
        ByteSource source = ByteSource.of("t.csv", bytes);
        Dialect dialect = Sniffer.sniff(source, Format.Csv.DEFAULT);
        CsvRecords records = new CsvRecords(source, dialect, kernels);
        TableSummary table = new TableSummary(kernels);
        try (BatchReader reader = records.reader(records.chunks(records.dataStart(), Long.MAX_VALUE))) {
            table.addAll(reader);
        }
        assertThat(table.rows()).isEqualTo(20_000);
        // The last bits of the deviation depend on the order of addition.
        return table.columns().stream()
                .map(c -> new ColumnProfile(
                        c.name(),
                        c.type(),
                        c.count(),
                        c.nulls(),
                        c.nan(),
                        c.min(),
                        c.max(),
                        c.mean(),
                        null,
                        c.p25(),
                        c.p50(),
                        c.p75(),
                        c.distinct(),
                        c.top(),
                        c.lengths(),
                        c.histogram()))
                .toList();
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
