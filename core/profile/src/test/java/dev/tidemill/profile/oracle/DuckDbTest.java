package dev.tidemill.profile.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.ColumnProfile;
import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.Profile;
import dev.tidemill.profile.Profiler;
import dev.tidemill.profile.oracle.Tables.Dialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A profile says what DuckDB says of the same file. */
class DuckDbTest {

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0} rows × {1} columns, {2}")
    @CsvSource({
        "1, 23, UNIX",
        "2, 23, WINDOWS",
        "1000, 1, UNIX",
        "5000, 23, WINDOWS",
        "5000, 23, CUT_SHORT",
        "50000, 23, UNIX",
        "10, 5000, UNIX"
    })
    void agreesOnGeneratedTables(int rows, int columns, Dialect dialect) throws Exception {
        Path file = folder.resolve("table.csv");
        Files.write(file, Tables.csv(rows, columns, dialect));

        try (Oracle oracle = Oracle.ofCsv(file)) {
            Profile profile = new Profiler(2).profile(ByteSource.of(file), Format.Csv.DEFAULT);
            assertThat(Agreement.check(profile, oracle)).isEqualTo(columns);
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void agreesOnTheExamples(Path file) throws Exception {
        Profile profile = new Profiler(2).profile(ByteSource.of(file), new Format.Auto());
        boolean header = !profile.columns().getFirst().name().equals("column0");
        try (Oracle oracle = header
                ? Oracle.ofCsv(file)
                : Oracle.ofCsv(file, profile.columns().size())) {
            assertThat(Agreement.check(profile, oracle)).isGreaterThan(1);
        }
    }

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("../../k8s/examples/data"))) {
            return files.filter(file -> file.toString().matches(".*\\.csv(\\.gz)?"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd"})
    void agreesOnPackedTables(String codec) throws Exception {
        Path plain = Files.write(folder.resolve("table.csv"), Tables.csv(3000, 23, Dialect.UNIX));
        Path packed = folder.resolve("table.csv." + codec);
        try (Oracle oracle = Oracle.ofCsv(plain)) {
            oracle.copyTo(packed, "FORMAT csv, HEADER, COMPRESSION " + codec);
            assertThat(Agreement.check(new Profiler(2).profile(ByteSource.of(packed), new Format.Auto()), oracle))
                    .isEqualTo(23);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"snappy", "zstd"})
    void agreesOnParquet(String codec) throws Exception {
        Path csv = Files.write(folder.resolve("table.csv"), Tables.csv(20_000, 23, Dialect.UNIX));
        Path parquet = folder.resolve("table.parquet");
        try (Oracle oracle = Oracle.ofCsv(csv)) {
            oracle.copyTo(parquet, "FORMAT parquet, ROW_GROUP_SIZE 4096, CODEC " + codec);
            assertThat(Agreement.check(new Profiler().profile(ByteSource.of(parquet), new Format.Auto()), oracle))
                    .isEqualTo(23);
        }
    }

    /** Without NaN, which JSON cannot write, and without fractions of a second, which DuckDB's JSON reader takes for a text. */
    @Test
    void agreesOnJsonLines() throws Exception {
        Path csv = Files.write(folder.resolve("table.csv"), Tables.csv(5000, 23, Dialect.UNIX));
        Path lines = folder.resolve("table.jsonl");
        try (Oracle table = Oracle.ofQuery("SELECT * EXCLUDE (double_with_nan_6, timestamp_millis_14) FROM read_csv('"
                + csv + "', sample_size = -1)")) {
            table.copyTo(lines, "FORMAT json");
        }
        try (Oracle oracle = Oracle.ofJsonLines(lines)) {
            assertThat(Agreement.check(new Profiler(2).profile(ByteSource.of(lines), new Format.Auto()), oracle))
                    .isEqualTo(21);
        }
    }

    /** DuckDB's maximum of a column with NaN is NaN, and so is its mean: no figure about the numbers that are there. */
    @Test
    void countsNaNApartWhereDuckDbMakesItTheMaximum() throws Exception {
        Path file = Files.writeString(folder.resolve("nan.csv"), "x\n1.5\nNaN\n-2.0\n");
        try (Oracle duckDb = Oracle.ofQuery(
                "SELECT max(x) AS max, avg(x) AS mean FROM read_csv('" + file + "', sample_size = -1)")) {
            assertThat(duckDb.answers()).extracting(Oracle.Answer::nan).containsExactly(1L, 1L);
        }
        ColumnProfile x = only(file);
        assertThat(x.nan()).isEqualTo(1);
        assertThat(x.count()).isEqualTo(3);
        assertThat(x.max()).isEqualTo(1.5);
        assertThat(x.mean()).isEqualTo(-0.25);
    }

    /** An identifier with leading zeros that is read as a number is another identifier: 007 and 7 would be one. */
    @Test
    void keepsLeadingZerosThatANumberWouldLose() throws Exception {
        Path file = Files.writeString(folder.resolve("zeros.csv"), "plz\n01067\n80331\n00007\n");
        try (Oracle duckDb =
                Oracle.ofQuery("SELECT min(plz) AS least FROM read_csv('" + file + "', types = {'plz': 'BIGINT'})")) {
            assertThat(duckDb.answers().getFirst().min()).isEqualTo("7");
        }
        ColumnProfile plz = only(file);
        assertThat(plz.type()).isEqualTo(ColumnType.STRING);
        assertThat(plz.min()).isEqualTo("00007");
        assertThat(plz.distinct()).isEqualTo(3);
    }

    private static ColumnProfile only(Path file) throws Exception {
        return new Profiler()
                .profile(ByteSource.of(file), Format.Csv.DEFAULT)
                .columns()
                .getFirst();
    }
}
