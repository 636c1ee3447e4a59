package dev.tidemill.profile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever the cuts and whatever the order: the ranges of a file merge to the profile of the file. */
class CutAnywhereTest {
    private static final int ROUNDS = Integer.getInteger("tidemill.cuts", 600);
    private static final Format.Csv CSV = Format.Csv.DEFAULT.withDelimiter(',').withRagged(Format.Ragged.PAD);

    @Test
    void rangesOfCsvMergeToTheWhole() throws IOException {
        int ambiguous = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = csv(random);
            ambiguous += check(bytes, CSV.withHeader(header(random)), random, seed);
        }
        assertThat(ambiguous).as("ranges with more than one possible start").isGreaterThan(ROUNDS / 10);
    }

    @Test
    void everySingleCutOfHostileCsvMergesToTheWhole() throws IOException {
        String hostile =
                "\uFEFFa,b\r\n1,\"x\n\"\"2,3\"\"\n\"\r\n\r\n\"\",\"\"\"\"\r\n\"é,\",€\"\r\n5,\"a\"\"\",\n7,\"1\n2,\"\"\n3";
        byte[] bytes = (hostile + "\"").getBytes(UTF_8);
        for (int cut = 1; cut < bytes.length; cut++) {
            for (int second = cut + 1; second <= bytes.length; second++) {
                List<Long> cuts = second == bytes.length ? List.of((long) cut) : List.of((long) cut, (long) second);
                check(bytes, CSV.withHeader(Format.Header.PRESENT), cuts, new Random(cut), cut + "," + second);
            }
        }
    }

    @Test
    void rangesOfJsonLinesMergeToTheWhole() throws IOException {
        for (int seed = 0; seed < ROUNDS / 3; seed++) {
            Random random = new Random(seed);
            check(jsonLines(random), new Format.JsonLines(), random, seed);
        }
    }

    @Test
    void whatIsWrongInARangeIsToldWithItsLineOnceItIsCertain() throws IOException {
        byte[] bytes = "a,b\n1,2\n3,\"4\n5\"\n6,7,8\n9,10\n".getBytes(UTF_8);
        ByteSource source = ByteSource.of("t.csv", bytes);
        Format.Csv format = Format.Csv.DEFAULT.withDelimiter(',');
        Profiler profiler = new Profiler();
        for (int cut = 5; cut < bytes.length - 1; cut++) {
            int at = cut;
            assertThatThrownBy(() -> profiler.profileRange(source, format, 0, at)
                            .merge(profiler.profileRange(source, format, at, bytes.length - at)))
                    .as("cut at %d", at)
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith("t.csv, line 5, byte 16: 3 fields where the first record has 2;");
        }
    }

    @Test
    void rangesThatAreThereTwiceAreRefusedAndMissingOnesNamed() throws IOException {
        ByteSource source = ByteSource.of("t.csv", "a,b\n1,2\n3,4\n".getBytes(UTF_8));
        Profiler profiler = new Profiler();
        Profile first = profiler.profileRange(source, CSV, 0, 5);
        Profile last = profiler.profileRange(source, CSV, 9, 5);

        assertThat(first.merge(last).missing()).containsExactly("t.csv from byte 5");
        assertThatThrownBy(() -> first.merge(first)).hasMessage("the beginning of t.csv is there twice");
        assertThatThrownBy(() -> last.merge(last)).hasMessage("bytes 9 to 12 of t.csv are there twice");
    }

    private static int check(byte[] bytes, Format format, Random random, int seed) throws IOException {
        TreeSet<Long> cuts = new TreeSet<>();
        for (int i = random.nextInt(8); i >= 0; i--) {
            cuts.add(1L + random.nextInt(Math.max(1, bytes.length - 1)));
        }
        return check(bytes, format, List.copyOf(cuts), random, "seed " + seed);
    }

    private static int check(byte[] bytes, Format format, List<Long> cuts, Random random, String what)
            throws IOException {
        ByteSource source = ByteSource.of("t", bytes);
        Profiler profiler = new Profiler();
        String whole = figures(profiler.profile(source, format));
        List<Long> bounds = new ArrayList<>(List.of(0L));
        cuts.stream().filter(cut -> cut < bytes.length).forEach(bounds::add);
        bounds.add((long) bytes.length);
        List<Profile> parts = new ArrayList<>();
        List<RecordIndex.Part> index = new ArrayList<>();
        for (int i = 1; i < bounds.size(); i++) {
            long from = bounds.get(i - 1);
            parts.add(Profile.fromBytes(profiler.profileRange(source, format, from, bounds.get(i) - from)
                    .toBytes()));
            index.add(RecordIndex.scan(source, format, from, bounds.get(i) - from));
        }
        Collections.shuffle(parts, random);
        while (parts.size() > 1) {
            int left = random.nextInt(parts.size() - 1);
            parts.set(left, parts.get(left).merge(parts.remove(left + 1)));
        }
        Profile merged = Profile.fromBytes(parts.getFirst().toBytes());

        assertThat(figures(merged)).as("%s, cuts %s", what, cuts).isEqualTo(whole);
        assertThat(merged.missing()).isEmpty();

        Profile aligned = Profile.empty();
        for (RecordIndex.Cut cut : RecordIndex.cuts("t", index)) {
            aligned = aligned.merge(profiler.profileRecords(source, format, cut.offset(), cut.length()));
        }
        assertThat(figures(aligned)).as("aligned, %s, cuts %s", what, cuts).isEqualTo(whole);
        return index.stream().anyMatch(part -> part.starts().size() > 1) ? 1 : 0;
    }

    /** All that must be equal to the last digit; mean and deviation may differ in the last bits. */
    private static String figures(Profile profile) {
        return profile.rows()
                + profile.columns().stream()
                        .sorted(java.util.Comparator.comparing(ColumnProfile::name))
                        .map(c -> "\n%s %s %d %d %d %s %s %s %s %s %d %s %s"
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
                                        c.top(),
                                        rounded(c.mean()) + rounded(c.stddev())))
                        .collect(Collectors.joining());
    }

    private static String rounded(@Nullable Double value) {
        return value == null ? " -" : " %.9g".formatted(value);
    }

    private static Format.Header header(Random random) {
        return random.nextInt(4) == 0 ? Format.Header.ABSENT : Format.Header.PRESENT;
    }

    /** Quoted line ends, doubled and stray quotes, mixed line ends, a byte order mark, empty lines, characters of 1 to 4 bytes. */
    private static byte[] csv(Random random) {
        StringBuilder csv = new StringBuilder(random.nextInt(4) == 0 ? "\uFEFF" : "");
        String[] ends = random.nextInt(3) == 0
                ? new String[] {"\n", "\r\n", "\r"}
                : new String[] {random.nextBoolean() ? "\n" : "\r\n"};
        int columns = 1 + random.nextInt(4);
        int quotes = random.nextInt(4);
        int rows = random.nextInt(60);
        for (int row = 0; row <= rows; row++) {
            for (int i = 0; i < columns; i++) {
                csv.append(i > 0 ? "," : "").append(field(random, i, quotes));
            }
            if (row < rows || random.nextBoolean()) {
                csv.append(ends[random.nextInt(ends.length)]);
            }
            if (columns > 1 && random.nextInt(15) == 0 && row < rows) {
                csv.append(ends[random.nextInt(ends.length)]);
            }
        }
        return csv.toString().getBytes(UTF_8);
    }

    private static String field(Random random, int column, int quotes) {
        String text = switch (random.nextInt(12)) {
            case 0 -> "";
            case 1 -> Double.toString(random.nextInt(100) / 4.0);
            case 2 -> "2024-0" + (1 + random.nextInt(9)) + "-11";
            case 3, 4 -> "é€😀".substring(0, random.nextBoolean() ? 1 : 2);
            case 5 -> quotes == 0 ? "ab" : "a\"b";
            default -> Integer.toString(random.nextInt(50) - 10);
        };
        if (column == 0 || random.nextInt(4) >= quotes) {
            return text;
        }
        String[] inside = {"\n", "\r\n", ",", "\"\"", "\"\",\"\"", "\n1,2\n", "x", "\r", "\"\"\n"};
        StringBuilder quoted = new StringBuilder("\"").append(text.replace("\"", "\"\""));
        for (int i = random.nextInt(4); i > 0; i--) {
            quoted.append(inside[random.nextInt(inside.length)]);
        }
        return quoted.append(random.nextInt(20) == 0 ? "\"tail" : "\"").toString();
    }

    private static byte[] jsonLines(Random random) throws IOException {
        var out = new ByteArrayOutputStream();
        if (random.nextInt(4) == 0) {
            out.write("\uFEFF".getBytes(UTF_8));
        }
        String[] values = {
            "1",
            "-2.5",
            "null",
            "\"é\\n\\\"\"",
            "true",
            "[1,\"]\\\"\"]",
            "{\"a\":{}}",
            "\"2024-01-02\"",
            "\"\\ud83d\\ude00\"",
            "NaN"
        };
        for (int row = random.nextInt(40); row > 0; row--) {
            StringBuilder line = new StringBuilder("{");
            for (String key : List.of("a", "b\\u0041", "ç")) {
                if (random.nextInt(5) > 0) {
                    line.append(line.length() > 1 ? ", " : "")
                            .append('"')
                            .append(key)
                            .append("\": ");
                    line.append(values[random.nextInt(values.length)]);
                }
            }
            out.write(line.append('}')
                    .append(row > 1 ? random.nextBoolean() ? "\r\n" : "\n" : "")
                    .toString()
                    .getBytes(UTF_8));
        }
        return out.toByteArray();
    }
}
