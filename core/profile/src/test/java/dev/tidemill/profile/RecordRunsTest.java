package dev.tidemill.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs are the same records as a reader gives that reads them one by one, and numbers in bulk are those of single values. */
class RecordRunsTest {

    private static final int ROWS = 30_000;

    private static ByteSource source(String text) {
        return ByteSource.of("t", text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> texts(RecordReader reader) throws IOException {
        List<String> texts = new ArrayList<>();
        while (reader.next()) {
            for (int column = 0; column < 3; column++) {
                texts.add(reader.text(column));
            }
        }
        return texts;
    }

    /** Numbers as people write them, and in some stretches what is none or wants a closer look. */
    private static String number(Random random, int row) {
        return switch (row / 6_000 % 2 == 0 ? 6 : random.nextInt(500)) {
            case 0 -> "";
            case 1 -> "\"12\"";
            case 2 -> "1e3";
            case 3 -> "007";
            case 4 -> "-9007199254740993";
            case 5 -> "NaN";
            default ->
                switch (random.nextInt(4)) {
                    case 0 -> Integer.toString(random.nextInt(10));
                    case 1 -> Integer.toString(random.nextInt(-50, 120));
                    case 2 -> Float.toString(random.nextFloat());
                    default -> Double.toString(random.nextGaussian() * 1e6);
                };
        };
    }

    private static String csv(long seed) {
        Random random = new Random(seed);
        StringBuilder csv = new StringBuilder("a,b,name\n");
        for (int i = 0; i < ROWS; i++) {
            csv.append(number(random, i)).append(',').append(number(random, i));
            csv.append(i % 15_000 == 11_017 ? ",\"a \"\"b\"\"\nc\"" : ",n" + i);
            csv.append(i % 3 == 0 ? "\r\n" : "\n");
        }
        return csv.toString();
    }

    private static String json(long seed) {
        Random random = new Random(seed);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < ROWS; i++) {
            lines.append("{\"a\":").append(random.nextInt(100));
            lines.append(i % 700 == 3 ? ",\"b\":\"7\"" : ",\"b\":" + random.nextDouble());
            lines.append(",\"name\":\"n").append(i).append("\"}\n");
        }
        return lines.toString();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void runsReadLaterAndInAnyOrderAreTheRecordsOfTheSource(long seed) throws IOException {
        ByteSource source = source(csv(seed));
        List<RecordReader> readers = new ArrayList<>();
        try (RecordRuns runs = RecordRuns.open(source, new Format.Auto(), 0, Long.MAX_VALUE, List.of())) {
            assertThat(runs.columns()).containsExactly("a", "b", "name");
            assertThat(runs.independent()).isTrue();
            for (RecordReader run = runs.next(); run != null; run = runs.next()) {
                readers.add(run);
            }
        }
        assertThat(readers).hasSizeGreaterThan(3);
        List<List<String>> read = new ArrayList<>();
        for (RecordReader run : readers.reversed()) {
            read.addFirst(texts(run));
        }
        try (RecordReader all = RecordReader.open(source, new Format.Auto())) {
            assertThat(read.stream().flatMap(List::stream).toList()).isEqualTo(texts(all));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "json"})
    void numbersInBulkAreThoseOfSingleValues(String format) throws IOException {
        ByteSource source = source(format.equals("csv") ? csv(4) : json(4));
        int bulk = 0;
        try (RecordReader single = RecordReader.open(source, new Format.Auto());
                RecordReader many = RecordReader.open(source, new Format.Auto())) {
            double[] numbers = new double[2_000];
            while (many.next()) {
                int count = Math.min(many.ready(), numbers.length);
                int good = many.numbers(1, numbers, count);
                for (int i = 0; i < count; i++) {
                    assertThat(single.next()).isTrue();
                    assertThat(single.record()).isEqualTo(many.record() + i);
                    if (i < good) {
                        assertThat(Double.valueOf(numbers[i])).isEqualTo(Double.valueOf(single.number(1)));
                    } else if (i == good) {
                        assertThat(single.isNumber(1)).isFalse();
                    }
                }
                bulk += good;
                many.skip(count - 1);
            }
            assertThat(single.next()).isFalse();
        }
        assertThat(bulk).isGreaterThan(ROWS / 4);
    }

    /** In the order that is asked for, between columns that are not. */
    @ParameterizedTest
    @ValueSource(longs = {5, 6})
    void floatsAreTheNumbersOfTheirColumnsOrAreNotGiven(long seed) throws IOException {
        ByteSource source = source(csv(seed));
        int given = 0;
        try (RecordReader single = RecordReader.open(source, new Format.Auto());
                RecordRuns runs = RecordRuns.open(source, new Format.Auto(), 0, Long.MAX_VALUE, List.of(), 1, 0)) {
            for (RecordReader run = runs.next(); run != null; run = runs.next()) {
                while (run.next()) {
                    ByteBuffer floats = ByteBuffer.allocate(8 * run.ready()).order(ByteOrder.LITTLE_ENDIAN);
                    boolean plain = run.floats(floats, run.ready());
                    given += plain ? 1 : 0;
                    floats.flip();
                    for (int left = run.ready(); left > 0; left--) {
                        assertThat(single.next()).isTrue();
                        assertThat(run.text(2)).isEqualTo(single.text(2));
                        if (plain) {
                            assertThat(floats.getFloat()).isEqualTo((float) single.number(1));
                            assertThat(floats.getFloat()).isEqualTo((float) single.number(0));
                        } else {
                            assertThat(run.text(0)).isEqualTo(single.text(0));
                        }
                        run.skip(left > 1 ? 1 : 0);
                    }
                }
            }
            assertThat(single.next()).isFalse();
        }
        assertThat(given).isPositive();
    }

    /**
     * A file of DuckDB's, read after all its runs were taken, against the values that DuckDB has of it: doubles beyond a float, integers
     * beyond 2^24 and 2^53, a column with gaps in its second row group.
     */
    @ParameterizedTest
    @ValueSource(strings = {"uncompressed", "snappy", "zstd"})
    void floatsOfParquetAreTheValuesThatWereWritten(String codec, @TempDir Path folder) throws Exception {
        Path file = folder.resolve("t.parquet");
        List<Float> expected = new ArrayList<>();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("""
                    CREATE TABLE t AS SELECT
                      (i % 17)::FLOAT AS digit, sqrt(i)::FLOAT AS f, CASE WHEN i % 999 = 0 THEN 1e300 ELSE i / 7 END AS d,
                      (16777216 + i)::INTEGER AS i32, 9007199254740992 + i * 3 AS i64, (4294967295 - i)::UINTEGER AS u32,
                      (i % 256)::UTINYINT AS u8, (i % 100)::SMALLINT AS i16, 'n' || i AS name,
                      CASE WHEN i = 50000 THEN NULL ELSE i END::FLOAT AS gaps
                    FROM range(100000) r(i)""");
            statement.execute("COPY t TO '%s' (FORMAT parquet, CODEC %s, ROW_GROUP_SIZE 40960)".formatted(file, codec));
            try (ResultSet rows = statement.executeQuery("SELECT * FROM t")) {
                while (rows.next()) {
                    for (int column : new int[] {4, 1, 3, 2, 5, 6, 7, 8}) {
                        expected.add((float) rows.getDouble(column));
                    }
                }
            }
        }
        for (boolean gaps : new boolean[] {false, true}) {
            int[] wanted = gaps ? new int[] {3, 0, 2, 1, 4, 5, 6, 7, 9} : new int[] {3, 0, 2, 1, 4, 5, 6, 7};
            List<RecordReader> taken = new ArrayList<>();
            try (RecordRuns runs =
                    RecordRuns.open(ByteSource.of(file), new Format.Auto(), 0, Long.MAX_VALUE, List.of(), wanted)) {
                assertThat(runs.independent()).isTrue();
                for (RecordReader run = runs.next(); run != null; run = runs.next()) {
                    taken.add(run);
                }
            }
            List<Float> read = new ArrayList<>();
            int refused = 0;
            for (RecordReader run : taken) {
                while (run.next()) {
                    int rows = run.ready();
                    ByteBuffer floats =
                            ByteBuffer.allocate(4 * wanted.length * rows).order(ByteOrder.LITTLE_ENDIAN);
                    boolean plain = run.floats(floats, rows);
                    refused += plain ? 0 : 1;
                    floats.flip();
                    for (int row = 0; row < rows; row++) {
                        for (int k = 0; k < wanted.length; k++) {
                            float value = plain ? floats.getFloat() : (float) run.numberOrNaN(wanted[k]);
                            if (k < 8) {
                                read.add(value);
                            }
                        }
                        assertThat(run.text(8)).isEqualTo("n" + (read.size() / 8 - 1));
                        run.skip(row < rows - 1 ? 1 : 0);
                    }
                }
            }
            assertThat(read).isEqualTo(expected);
            assertThat(refused).isEqualTo(gaps ? taken.size() : 0);
        }
    }

    /** Lines of DuckDB's against the values that DuckDB reads there, keys that come late and values that are missing among them. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void numbersOfJsonLinesAreThoseThatDuckDbReads(boolean gaps, @TempDir Path folder) throws Exception {
        Path file = folder.resolve("t.jsonl");
        List<Float> expected = new ArrayList<>();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute(
                    """
                    COPY (SELECT %s, sqrt(i)::FLOAT AS f, 'é "' || i AS name, (i - 9000) * 1e300 AS wide, i * 12345678901 AS big,
                      -i / 7 AS d FROM range(30000) r(i)) TO '%s' (FORMAT json)""".formatted(gaps ? "CASE WHEN i < 20000 THEN NULL ELSE i END AS late" : "i % 17 AS late", file));
            try (ResultSet rows = statement.executeQuery(
                    "SELECT f, d, late, wide, big FROM read_json('%s', sample_size = -1)".formatted(file))) {
                while (rows.next()) {
                    for (int column = 1; column <= 5; column++) {
                        float value = (float) rows.getDouble(column);
                        expected.add(rows.wasNull() ? Float.NaN : value);
                    }
                }
            }
        }
        List<Float> read = new ArrayList<>();
        int plain = 0;
        try (RecordRuns runs = RecordRuns.open(
                ByteSource.of(file),
                new Format.JsonLines(),
                0,
                Long.MAX_VALUE,
                List.of("late", "f", "name", "wide", "big", "d"),
                1,
                5,
                0,
                3,
                4)) {
            for (RecordReader run = runs.next(); run != null; run = runs.next()) {
                while (run.next()) {
                    ByteBuffer floats = ByteBuffer.allocate(20 * run.ready()).order(ByteOrder.LITTLE_ENDIAN);
                    boolean bulk = run.floats(floats, run.ready());
                    plain += bulk ? 1 : 0;
                    floats.flip();
                    for (int left = run.ready(); left > 0; left--) {
                        for (int column : new int[] {1, 5, 0, 3, 4}) {
                            read.add(bulk ? floats.getFloat() : (float) run.numberOrNaN(column));
                        }
                        run.skip(left > 1 ? 1 : 0);
                    }
                }
            }
        }
        assertThat(read).isEqualTo(expected);
        assertThat(plain).isPositive();
    }

    /** The range of a whole object is as long as its packed bytes are. */
    @Test
    void aPackedSourceIsReadToTheEndOfWhatIsInIt() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(csv(8).getBytes(StandardCharsets.UTF_8));
        }
        ByteSource source = ByteSource.of("t.gz", packed.toByteArray());
        int rows = 0;
        try (RecordRuns runs = RecordRuns.open(source, new Format.Auto(), 0, source.size(), List.of());
                RecordReader all = RecordReader.open(source, new Format.Auto(), 0, source.size())) {
            for (RecordReader run = runs.next(); run != null; run = runs.next()) {
                while (run.next()) {
                    assertThat(all.next()).isTrue();
                    rows++;
                }
            }
            assertThat(all.next()).isFalse();
        }
        assertThat(rows).isEqualTo(ROWS);
    }

    @Test
    void aBrokenRecordFailsAtItsLineHoweverItIsRead() {
        ByteSource source = source(csv(7).replace("\nname", "") + "1,2\n3,4,x\n");
        assertThatThrownBy(() -> {
                    try (RecordRuns runs =
                            RecordRuns.open(source, new Format.Auto(), 0, Long.MAX_VALUE, List.of(), 0, 1)) {
                        for (RecordReader run = runs.next(); run != null; run = runs.next()) {
                            while (run.next()) {
                                run.text(2);
                            }
                        }
                    }
                })
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("2 fields where the first record has 3");
    }
}
