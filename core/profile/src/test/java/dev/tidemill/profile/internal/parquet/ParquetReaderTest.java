package dev.tidemill.profile.internal.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.ColumnVector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files written by DuckDB, read back and compared with what DuckDB says it wrote. */
class ParquetReaderTest {

    private static final int ROWS = 5_000;

    /** One column of every type that DuckDB writes; every seventh value is missing, and every fifth struct and list. */
    private static final String TABLE = """
            SELECT i, CASE WHEN i % 7 = 0 THEN NULL ELSE COLUMNS(* EXCLUDE (i, person, tags, counts)) END, person, tags, counts
            FROM (SELECT i,
              (i % 100 - 50)::TINYINT AS tiny, (i % 250)::UTINYINT AS utiny, (i - 5000)::SMALLINT AS small,
              (i * 6)::USMALLINT AS usmall, (i * -1000)::INTEGER AS "int", (i * 400000)::UINTEGER AS uint, i * 900000000000000 AS big,
              (18446744073709541615 + i)::UBIGINT AS ubig, (i / 7)::FLOAT AS float, i / 7 AS double, i % 3 = 0 AS bool,
              DATE '1950-03-01' + i::INT AS "date", TIMESTAMP '1965-01-01 00:00:00.123456' + to_days(i::INT) AS ts,
              (TIMESTAMP '1965-01-01 12:00:00' + to_days(i::INT))::TIMESTAMPTZ AS tz,
              (TIMESTAMP '1965-01-01 00:00:00.5' + to_days(i::INT))::TIMESTAMP_NS AS ns,
              (TIMESTAMP '1965-01-01 00:00:00.25' + to_days(i::INT))::TIMESTAMP_MS AS ms,
              TIME '00:00:00' + to_microseconds(i * 8639999) AS "time", uuid() AS uuid, 'é' || i AS text,
              (i / 7)::DECIMAL(4, 0) AS d4, (i / -7)::DECIMAL(9, 2) AS d9, (i / 7)::DECIMAL(18, 5) AS d18, (i / 7)::DECIMAL(38, 9) AS d38,
              '{"a": ' || i || '}' AS json,
              CASE WHEN i % 5 = 0 THEN NULL
                   ELSE {'age': CASE WHEN i % 3 = 0 THEN NULL ELSE i END, 'name': {'first': 'n' || i}} END AS person,
              CASE WHEN i % 5 = 0 THEN NULL ELSE range(i % 4) END AS tags,
              CASE WHEN i % 5 = 0 THEN NULL ELSE MAP {'k': i, 'l': 2} END AS counts
              FROM range(ROWS) r(i)) ORDER BY i
            """.replace("ROWS", Integer.toString(ROWS));

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4", "lz4_raw"})
    void readsWhatDuckDbWroteWithEveryCodec(String codec) throws Exception {
        Path file = folder.resolve(codec + ".parquet");
        List<String> expected =
                write(file, "PARQUET_VERSION " + (codec.equals("zstd") ? "V2" : "V1") + ", CODEC " + codec);

        try (ParquetReader reader = ParquetReader.open(ByteSource.of(file), 0, Files.size(file))) {
            assertSame(rows(reader), expected);
        }
    }

    @Test
    void readsEachRowGroupOnceOverAnyPartitionOfTheFile() throws Exception {
        Path file = folder.resolve("groups.parquet");
        List<String> expected = write(file, "ROW_GROUP_SIZE 2048");
        long size = Files.size(file);

        for (int parts : new int[] {1, 3, 7, 50}) {
            var rows = new ArrayList<String>();
            for (int part = 0; part < parts; part++) {
                try (ParquetReader reader =
                        ParquetReader.open(ByteSource.of(file), size * part / parts, size * (part + 1) / parts)) {
                    rows.addAll(rows(reader));
                }
            }
            assertSame(rows, expected);
        }
    }

    @Test
    void namesObjectByteAndRemedyOfABrokenFooter() throws Exception {
        byte[] whole = bytes();
        byte[] overwritten = whole.clone();
        Arrays.fill(overwritten, whole.length - 1000, whole.length - 900, (byte) 0xff);
        byte[] wrongLength = whole.clone();
        wrongLength[whole.length - 5] = 0x7f;

        for (byte[] broken : List.of(
                Arrays.copyOf(whole, whole.length / 2),
                Arrays.copyOf(whole, whole.length - 1),
                Arrays.copyOf(whole, 5),
                new byte[0],
                overwritten,
                wrongLength)) {
            assertThatThrownBy(() -> ParquetReader.open(ByteSource.of("day.parquet", broken), 0, broken.length))
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith("day.parquet, byte " + Math.max(0, broken.length - 8) + ": ")
                    .hasMessageContaining("upload it again");
        }
    }

    @Test
    void namesTheRowGroupOfADamagedPage() throws Exception {
        byte[] damaged = bytes();
        Arrays.fill(damaged, 4, 600, (byte) 0xff);
        assertThatThrownBy(() -> {
                    try (ParquetReader reader =
                            ParquetReader.open(ByteSource.of("day.parquet", damaged), 0, damaged.length)) {
                        rows(reader);
                    }
                })
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("day.parquet, byte 4: the row group that begins here")
                .hasMessageContaining("upload it again");
    }

    @Test
    void doesNotBlameTheFileWhenTheStoreFails() throws Exception {
        byte[] whole = bytes();
        // the footer takes three reads
        var left = new AtomicInteger(3);
        var source = new UnsteadyStore(whole, _ -> left.getAndDecrement() > 0);
        assertThatThrownBy(() -> {
                    try (ParquetReader reader = ParquetReader.open(source, 0, whole.length)) {
                        rows(reader);
                    }
                })
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("503 Slow Down");
        assertThatThrownBy(() -> ParquetReader.open(source, 0, whole.length))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("503 Slow Down");
    }

    private static void assertSame(List<String> rows, List<String> expected) {
        assertThat(rows).hasSize(ROWS);
        for (int i = 0; i < ROWS; i++) {
            assertThat(rows.get(i)).isEqualTo(expected.get(i));
        }
    }

    private byte[] bytes() throws Exception {
        Path file = folder.resolve("whole.parquet");
        write(file, "ROW_GROUP_SIZE 2048");
        return Files.readAllBytes(file);
    }

    /** Writes the table and returns its rows as {@link #rows} prints them. */
    private static List<String> write(Path file, String options) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute("SET threads = 2");
            statement.execute("COPY (" + TABLE + ") TO '" + file + "' (FORMAT parquet, " + options + ")");
            var rows = new ArrayList<String>();
            try (var result = statement.executeQuery("""
                    SELECT i, tiny, utiny, small, usmall, "int", uint, big, ubig::DOUBLE, float::DOUBLE, double, bool, "date", ts,
                      tz AT TIME ZONE 'UTC', ns, ms, "time"::VARCHAR, uuid, text, d4::BIGINT, d9, d18, d38, json,
                      person.age, person.name.first, len(tags), cardinality(counts)
                    FROM read_parquet('{}')
                    """.replace("{}", file.toString()))) {
                int columns = result.getMetaData().getColumnCount();
                while (result.next()) {
                    var row = new ArrayList<String>();
                    for (int i = 1; i <= columns; i++) {
                        row.add(plain(result.getObject(i)));
                    }
                    rows.add(String.join("|", row));
                }
            }
            return rows;
        }
    }

    private static String plain(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case LocalDate date -> date.atStartOfDay().toString();
            case java.sql.Timestamp timestamp -> timestamp.toLocalDateTime().toString();
            case java.math.BigDecimal decimal -> Double.toString(decimal.doubleValue());
            case Double number -> Double.toString(number);
            default -> value.toString();
        };
    }

    private static List<String> rows(ParquetReader reader) throws IOException {
        var rows = new ArrayList<String>();
        for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
            Batch read = batch;
            for (int i = 0; i < batch.rows(); i++) {
                int row = i;
                rows.add(IntStream.range(0, batch.columns())
                        .mapToObj(column -> cell(read.vector(column), row))
                        .collect(Collectors.joining("|")));
            }
        }
        return rows;
    }

    private static String cell(ColumnVector vector, int row) {
        return switch (vector) {
            case ColumnVector.Texts texts ->
                texts.lengths()[row] < 0
                        ? ""
                        : new String(texts.buffer(), texts.starts()[row], texts.lengths()[row], StandardCharsets.UTF_8);
            case ColumnVector.Doubles doubles ->
                isNull(doubles.nulls(), row) ? "" : Double.toString(doubles.values()[row]);
            case ColumnVector.Longs longs ->
                isNull(longs.nulls(), row)
                        ? ""
                        : switch (longs.type()) {
                            case BOOLEAN -> Boolean.toString(longs.values()[row] == 1);
                            case DATE, TIMESTAMP ->
                                LocalDateTime.ofInstant(
                                                Instant.EPOCH.plus(longs.values()[row], ChronoUnit.MICROS),
                                                ZoneOffset.UTC)
                                        .toString();
                            default -> Long.toString(longs.values()[row]);
                        };
        };
    }

    private static boolean isNull(boolean @Nullable [] nulls, int row) {
        return nulls != null && nulls[row];
    }
}
