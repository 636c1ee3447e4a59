package dev.tidemill.profile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DriftTest {

    private static Profile profile(String csv) throws IOException {
        return new Profiler().profile(ByteSource.of("t.csv", csv.getBytes(UTF_8)), Format.Csv.DEFAULT);
    }

    private static Profile profile(double[] values) throws IOException {
        StringBuilder csv = new StringBuilder("x\n");
        Arrays.stream(values).forEach(value -> csv.append(value).append('\n'));
        return profile(csv.toString());
    }

    private static double[] sample(int n, DoubleSupplier values) {
        return DoubleStream.generate(values).limit(n).toArray();
    }

    private static ColumnDrift drift(double[] reference, double[] live) throws IOException {
        return profile(reference).driftTo(profile(live)).getFirst();
    }

    /** What a normal deviate becomes. */
    private enum Kind {
        NORMAL,
        SKEWED,
        HEAVY_TAILED,
        DISCRETE,
        MOSTLY_ZERO;

        double of(double z, Random random) {
            return switch (this) {
                case NORMAL -> z;
                case SKEWED -> Math.exp(2 * z);
                case HEAVY_TAILED -> z / random.nextGaussian();
                case DISCRETE -> Math.floor(2 * Math.abs(z));
                case MOSTLY_ZERO -> Math.max(0, z - 1);
            };
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void equalsTheDefinitionsOnTheRawValuesWithinTheErrorOfTheRanks(Kind kind) throws IOException {
        for (int seed = 0; seed < 10; seed++) {
            var random = new Random(seed);
            // Up to 800 values the ranks are exact.
            int n = seed % 2 == 0 ? 100 + random.nextInt(700) : 20_000;
            double shift = random.nextDouble() * 0.6;
            double[] reference = sample(n, () -> kind.of(random.nextGaussian(), random));
            double[] live = sample(n / 2 + 50, () -> kind.of(shift + random.nextGaussian() * 1.1, random));

            ColumnDrift drift = drift(reference, live);

            boolean exact = n <= 800;
            assertThat(drift.psi()).as("seed %d", seed).isCloseTo(psi(reference, live), within(exact ? 1e-9 : 0.05));
            assertThat(drift.ks()).as("seed %d", seed).isCloseTo(ks(reference, live), within(exact ? 1e-12 : 0.014));
        }
    }

    /** The sum over the bins between the reference's deciles, as the textbooks have it. */
    private static double psi(double[] reference, double[] live) {
        double[] sorted = reference.clone();
        Arrays.sort(sorted);
        double sum = 0;
        double below = Double.NEGATIVE_INFINITY;
        for (int i = 1; i <= 10; i++) {
            double from = below;
            double to = i == 10 ? Double.POSITIVE_INFINITY : sorted[(int) Math.ceil(i * sorted.length / 10.0) - 1];
            double p = Math.max(1e-4, part(reference, from, to));
            double q = Math.max(1e-4, part(live, from, to));
            sum += (p - q) * Math.log(p / q);
            below = to;
        }
        return sum;
    }

    private static double part(double[] values, double from, double to) {
        return (double) Arrays.stream(values).filter(x -> x > from && x <= to).count() / values.length;
    }

    private static double ks(double[] a, double[] b) {
        double[] all =
                DoubleStream.concat(Arrays.stream(a), Arrays.stream(b)).sorted().toArray();
        double[] left = Arrays.stream(a).sorted().toArray();
        double[] right = Arrays.stream(b).sorted().toArray();
        int i = 0;
        int j = 0;
        double largest = 0;
        for (double x : all) {
            while (i < left.length && left[i] <= x) {
                i++;
            }
            while (j < right.length && right[j] <= x) {
                j++;
            }
            largest = Math.max(largest, Math.abs((double) i / left.length - (double) j / right.length));
        }
        return largest;
    }

    @Test
    void aShiftedSampleHasDriftedAndResamplesHaveNot() throws IOException {
        var random = new Random(7);
        double[] reference = sample(5_000, random::nextGaussian);
        for (int size : new int[] {30, 100, 1_000, 5_000}) {
            for (int i = 0; i < 20; i++) {
                assertThat(drift(reference, sample(size, random::nextGaussian)).isBeyond(0.2))
                        .as("%d values of the same kind", size)
                        .isFalse();
            }
            assertThat(drift(reference, sample(size, () -> 1.5 + random.nextGaussian()))
                            .isBeyond(0.2))
                    .as("%d values that lie higher", size)
                    .isTrue();
        }
    }

    @Test
    void textsTruthValuesNullsAndMissingColumnsDriftToo() throws IOException {
        Profile reference = profile("color,ok,n,gone\n" + "red,true,1,x\n".repeat(60) + "blue,false,2,y\n".repeat(40));
        Profile same = profile("gone,n,ok,color\n" + "x,1,true,red\n".repeat(30) + "y,2,false,blue\n".repeat(20));
        Profile live = profile("color,ok,n\n" + "red,true,1\n".repeat(5) + "green,false,\n".repeat(95));

        assertThat(reference.driftTo(same)).allSatisfy(column -> {
            assertThat(column.psi()).isZero();
            assertThat(column.isBeyond(0.1)).isFalse();
        });
        assertThat(reference.driftTo(live))
                .extracting(ColumnDrift::name, column -> column.isBeyond(0.2), column -> column.ks() == null)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("color", true, true),
                        org.assertj.core.groups.Tuple.tuple("ok", true, true),
                        org.assertj.core.groups.Tuple.tuple("n", true, false),
                        org.assertj.core.groups.Tuple.tuple("gone", true, true));
        // red .6 to .05, blue .4 to nothing, others nothing to .95
        double expected = (.6 - .05) * Math.log(.6 / .05)
                + (.4 - 1e-4) * Math.log(.4 / 1e-4)
                + (.95 - 1e-4) * Math.log(.95 / 1e-4);
        assertThat(reference.driftTo(live).getFirst().psi()).isCloseTo(expected, within(1e-9));
    }

    @Test
    void nothingIsComparedWithNothing() throws IOException {
        ColumnDrift drift = profile("x\n").driftTo(profile("x\n")).getFirst();

        assertThat(drift.psi()).isZero();
        assertThat(drift.ks()).isNull();
        assertThat(Objects.requireNonNull(profile("x\n1\n")
                        .driftTo(profile("x\n2.5\n"))
                        .getFirst()
                        .ks()))
                .isEqualTo(1);
    }
}
