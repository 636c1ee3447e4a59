package dev.tidemill.profile.internal.column;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tidemill.profile.internal.kernel.DoubleStats;
import dev.tidemill.profile.internal.kernel.Kernels;
import dev.tidemill.profile.internal.text.Hash;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The sketches keep the errors that their javadoc states, on orders that are known to hurt, merged or not. */
class SketchTest {
    private static final int N = 1_500_000;

    private static final List<LongUnaryOperator> ORDERS = List.of(
            i -> i,
            i -> N - i,
            i -> i * 7919 % N,
            i -> i % 2 == 0 ? i : N - i,
            i -> i % 4096 == 0 ? N + i : i % 4096,
            i -> (long) Math.sqrt(i));

    @Test
    void quantilesAreWithinOnePercentOfTheRank() {
        for (LongUnaryOperator order : ORDERS) {
            long[] values = LongStream.range(0, N).map(order).toArray();
            long[] sorted = values.clone();
            Arrays.sort(sorted);
            checkRanks(sketch(values, 0, N), sorted);

            Quantiles merged = new Quantiles();
            int from = 0;
            Random random = new Random(1);
            while (from < N) {
                int to = Math.min(N, from + 1 + random.nextInt(100_000));
                merged.merge(sketch(values, from, to));
                from = to;
            }
            checkRanks(merged, sorted);
        }
    }

    private static Quantiles sketch(long[] values, int from, int to) {
        Quantiles quantiles = new Quantiles();
        for (int at = from; at < to; at += 1000) {
            int n = Math.min(1000, to - at);
            quantiles.add(Arrays.copyOfRange(values, at, at + n), n);
        }
        return quantiles;
    }

    private static void checkRanks(Quantiles quantiles, long[] sorted) {
        assertThat(quantiles.count()).isEqualTo(sorted.length);
        for (double q : new double[] {0.01, 0.25, 0.5, 0.75, 0.99}) {
            long value = quantiles.ranks().quantile(q);
            int first = lowerBound(sorted, value);
            int last = lowerBound(sorted, value + 1);
            double rank = q * sorted.length;
            double distance = rank < first ? first - rank : rank > last ? rank - last : 0;
            assertThat(distance / sorted.length).as("q %s", q).isLessThan(0.01);
        }
    }

    private static int lowerBound(long[] sorted, long value) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Test
    void quantilesOfFewValuesAreExact() {
        Quantiles quantiles = new Quantiles();
        quantiles.add(new long[] {40, 10, 30, 20}, 4);

        assertThat(quantiles.ranks().quantile(0.25)).isEqualTo(10);
        assertThat(quantiles.ranks().quantile(0.5)).isEqualTo(20);
        assertThat(quantiles.ranks().quantile(0.75)).isEqualTo(30);
    }

    @Test
    void distinctIsExactForFewAndWithinThreePercentForMany() {
        for (int n : new int[] {1, 1000, 1024, 1025, 3000, 20_000, 100_000, 1_000_000}) {
            for (int step : new int[] {1, 1000, 1 << 20}) {
                long[] hashes =
                        LongStream.range(0, n).map(i -> Hash.number(i * step)).toArray();
                Distinct whole = new Distinct();
                whole.add(hashes, 0, n);
                Distinct merged = new Distinct();
                for (int part = 0; part < 7; part++) {
                    Distinct distinct = new Distinct();
                    int from = (int) ((long) n * part / 9);
                    distinct.add(hashes, from, (int) ((long) n * (part + 3) / 9));
                    merged.merge(distinct);
                }

                assertThat(merged.estimate()).isEqualTo(whole.estimate());
                assertThat((double) whole.estimate()).isCloseTo(n, within(n <= 1024 ? 0 : 0.03 * n));
            }
        }
    }

    @Test
    void meanAndDeviationHoldFarFromZeroAndOverAnyCut() {
        double[] values = new Random(9).doubles(100_000, 0, 1).map(x -> x + 1e9).toArray();
        double mean = 1e9 + Arrays.stream(values).map(x -> x - 1e9).sum() / values.length;
        double squares = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
        double deviation = Math.sqrt(squares / (values.length - 1));
        double first = moments(values, values.length).mean();

        for (int size : new int[] {1, 17, 1000, 5000, 100_000}) {
            Moments moments = moments(values, size);
            assertThat(moments.mean()).isCloseTo(mean, within(1e-9 * mean));
            assertThat(moments.mean()).isCloseTo(first, within(1e-15 * mean));
            assertThat(moments.stddev()).isCloseTo(deviation, within(1e-9 * deviation));
        }
    }

    private static Moments moments(double[] values, int size) {
        Moments total = new Moments();
        for (int at = 0; at < values.length; at += size) {
            int n = Math.min(size, values.length - at);
            double[] part = Arrays.copyOfRange(values, at, at + n);
            DoubleStats stats = new DoubleStats();
            Kernels.best().summarize(part, n, stats);
            Moments moments = new Moments();
            moments.add(part, n, stats, Kernels.best());
            total.merge(moments);
        }
        return total;
    }

    @Test
    void theFrequentValuesOfAManyValuedColumnAreFound() {
        Random random = new Random(2);
        Frequencies[] parts = {new Frequencies(), new Frequencies()};
        for (int i = 0; i < 600_000; i++) {
            // "often" is every tenth value; the others come once.
            String value = random.nextInt(10) == 0 ? "often" : "rare" + i;
            byte[] text = Arrays.copyOf(value.getBytes(java.nio.charset.StandardCharsets.UTF_8), value.length() + 8);
            long hash = Hash.text(text, 0, value.length());
            parts[i % 2].add(new long[] {hash}, 0, 1, at -> Frequencies.text(value));
        }
        parts[0].merge(parts[1]);

        assertThat(parts[0].top(10)).hasSize(1).first().satisfies(top -> {
            assertThat(top.value()).isEqualTo("often");
            assertThat((double) top.count()).isCloseTo(60_000, within(6_000.0));
        });
    }
}
