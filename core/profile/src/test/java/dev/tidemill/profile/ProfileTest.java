package dev.tidemill.profile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProfileTest {

    private static Profile profile(String csv) throws IOException {
        return new Profiler().profile(ByteSource.of("t.csv", csv.getBytes(UTF_8)), Format.Csv.DEFAULT);
    }

    @Test
    void printsOneJsonObjectWithNumbersAsNumbersAndTimesInIso() throws IOException {
        Profile profile =
                profile("n,x,d,t,b,s\n1,1.5,2024-01-02,2024-01-02 03:04:05,true,\"a\"\"<\"\n3,inf,,,false,b\n");

        assertThat(profile.toJson())
                .startsWith(
                        "{\"rows\":2,\"columns\":[{\"name\":\"n\",\"type\":\"int64\",\"count\":2,\"nulls\":0,\"nan\":0,"
                                + "\"min\":1,\"max\":3,\"mean\":2.0,\"stddev\":1.4142135623730951,"
                                + "\"p25\":1,\"p50\":1,\"p75\":3,\"distinct\":2,")
                .contains("\"min\":1.5,\"max\":\"Infinity\",\"mean\":\"Infinity\",\"stddev\":\"NaN\",")
                .contains("\"type\":\"date\",\"count\":1,\"nulls\":1,\"nan\":0,\"min\":\"2024-01-02\"")
                .contains(
                        "\"max\":\"2024-01-02T03:04:05\",\"mean\":null,\"stddev\":null,\"p25\":\"2024-01-02T03:04:05\"")
                .contains("\"type\":\"boolean\",\"count\":2,\"nulls\":0,\"nan\":0,\"min\":false,\"max\":true")
                .contains("\"min\":\"a\\\"\\u003c\",\"max\":\"b\",\"mean\":null")
                .contains("\"lengths\":{\"min\":1,\"max\":3,\"mean\":2.0}");
    }

    @Test
    void mergesInAnyOrderAndGrouping() throws IOException {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            String[] pool = pool(random);
            List<Profile> parts = new ArrayList<>();
            for (int i = 1 + random.nextInt(7); i >= 0; i--) {
                String rows = IntStream.range(0, random.nextInt(30))
                        .mapToObj(row -> pool[random.nextInt(pool.length)] + "," + random.nextInt(100))
                        .collect(Collectors.joining("\n"));
                parts.add(profile((random.nextInt(5) == 0 ? "v,other\n" : "v,w\n") + rows));
            }
            String expected = figures(Profile.merge(parts));
            Collections.shuffle(parts, random);
            while (parts.size() > 1) {
                int at = random.nextInt(parts.size() - 1);
                parts.set(at, parts.get(at).merge(parts.remove(at + 1)));
            }
            assertThat(figures(parts.getFirst())).as("seed %d", seed).isEqualTo(expected);
        }
    }

    private static String[] pool(Random random) {
        List<String> pool = new ArrayList<>(List.of("1", "20", "3", ""));
        List<String> more =
                List.of("2.5", "NaN", "-inf", "2024-01-02", "2024-01-02 03:04:05", "true", "x", "007", "1.0", " 1");
        for (int i = random.nextInt(4); i > 0; i--) {
            pool.add(more.get(random.nextInt(more.size())));
        }
        return pool.toArray(String[]::new);
    }

    private static String figures(Profile profile) {
        return profile.rows()
                + profile.columns().stream()
                        .map(c -> "\n%s %s %d %d %d %s %s %s %s %s %d %s"
                                .formatted(
                                        c.name(),
                                        c.type(),
                                        c.count(),
                                        c.nulls(),
                                        c.nan(),
                                        c.min(),
                                        c.max(),
                                        c.p25(),
                                        c.p50(),
                                        c.p75(),
                                        c.distinct(),
                                        c.mean() == null ? "-" : "%.9g".formatted(c.mean())))
                        .collect(Collectors.joining());
    }

    @Test
    void aColumnThatAPartDoesNotHaveIsNullThere() throws IOException {
        Profile merged = profile("a,b\n1,2\n").merge(profile("a,c\n3,4\n5,6\n"));

        assertThat(merged.rows()).isEqualTo(3);
        assertThat(merged.columns()).extracting(ColumnProfile::name).containsExactly("a", "b", "c");
        assertThat(merged.columns()).extracting(ColumnProfile::nulls).containsExactly(0L, 2L, 1L);
    }

    @Test
    void refusesOtherVersionsAndDamage() throws IOException {
        byte[] bytes = profile("a\n1\n").toBytes();
        byte[] other = bytes.clone();
        other[4] = 99;
        byte[] damaged = bytes.clone();
        damaged[9] ^= 0x55;

        assertThatThrownBy(() -> Profile.fromBytes(other))
                .hasMessageContaining("version 99")
                .hasMessageContaining("compute it again");
        assertThatThrownBy(() -> Profile.fromBytes("{\"json\":1}".getBytes(UTF_8)))
                .hasMessageContaining("not a Tidemill profile");
        assertThatThrownBy(() -> Profile.fromBytes(damaged)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Profile.fromBytes(java.util.Arrays.copyOf(bytes, bytes.length - 8)))
                .hasMessageContaining("damaged");
    }

    @Test
    void threadsMakeNoDifference() throws IOException {
        Random random = new Random(4);
        StringBuilder csv = new StringBuilder("id,x,name\n");
        for (int i = 0; i < 60_000; i++) {
            csv.append(i)
                    .append(',')
                    .append(random.nextGaussian())
                    .append(",\"n\n")
                    .append(random.nextInt(5000))
                    .append("\"\n");
        }
        ByteSource source = ByteSource.of("t.csv", csv.toString().getBytes(UTF_8));
        Profile one = new Profiler().profile(source, Format.Csv.DEFAULT);
        Profile four = new Profiler(4).profile(source, Format.Csv.DEFAULT);

        assertThat(four.toBytes())
                .isEqualTo(new Profiler(4).profile(source, Format.Csv.DEFAULT).toBytes());
        assertThat(four.rows()).isEqualTo(one.rows());
        for (int i = 0; i < 3; i++) {
            ColumnProfile expected = one.columns().get(i);
            ColumnProfile actual = four.columns().get(i);
            assertThat(actual.min()).isEqualTo(expected.min());
            assertThat(actual.max()).isEqualTo(expected.max());
            assertThat(actual.distinct()).isEqualTo(expected.distinct());
            Double mean = expected.mean();
            if (mean != null) {
                assertThat(Objects.requireNonNull(actual.mean())).isCloseTo(mean, within(1e-12 * Math.abs(mean)));
            }
        }
    }

    @Test
    void aWideTableFitsTheLimitAtTheCostOfPrecisionOnly() throws IOException {
        int columns = 100;
        Random random = new Random(8);
        StringBuilder csv = new StringBuilder();
        csv.append(IntStream.range(0, columns).mapToObj(i -> "c" + i).collect(Collectors.joining(",")))
                .append('\n');
        for (int row = 0; row < 2500; row++) {
            for (int i = 0; i < columns; i++) {
                csv.append(i > 0 ? "," : "").append(String.format(Locale.ROOT, "%.9f", random.nextDouble()));
            }
            csv.append('\n');
        }
        Profile profile = profile(csv.toString());
        byte[] small = profile.toBytes(profile.toBytes().length / 6);
        Profile coarse = Profile.fromBytes(small).merge(Profile.empty());

        assertThat(small.length).isLessThan(profile.toBytes().length / 6);
        for (int i = 0; i < columns; i++) {
            ColumnProfile exact = profile.columns().get(i);
            ColumnProfile about = coarse.columns().get(i);
            assertThat(about.mean()).isEqualTo(exact.mean());
            assertThat(about.max()).isEqualTo(exact.max());
            assertThat((double) about.distinct()).isCloseTo(2500, within(2500 * 0.15));
            assertThat((Double) Objects.requireNonNull(about.p50())).isCloseTo(0.5, within(0.08));
        }
    }
}
