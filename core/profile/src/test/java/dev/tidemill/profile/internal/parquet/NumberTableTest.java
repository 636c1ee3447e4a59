package dev.tidemill.profile.internal.parquet;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.ColumnVector;
import dev.tidemill.profile.internal.FloatColumns;
import dev.tidemill.profile.internal.FloatRows;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers straight out of their pages, of files that DuckDB wrote and that pyarrow wrote, against the values that DuckDB reads there. */
class NumberTableTest {

    /** Few values and many, runs of all lengths, what does not fit a float, and a text that is read by hardwood beside them. */
    private static final String TABLE = """
            SELECT (i * 7919 % 17)::FLOAT AS few, (CASE WHEN i % 11 = 0 THEN random() ELSE i // 300 END)::FLOAT AS runs,
              0.1::DOUBLE AS same, random()::FLOAT AS many, (random() * 1e300)::DOUBLE AS wide, (i * 12345678901 - 5)::BIGINT AS big,
              (4294967295 - i)::UINTEGER AS unsigned, (i % 256)::UTINYINT AS small, 'n' || i AS name
            FROM range(20000) r(i)
            """;

    private static final int NUMBERS = 8;

    @TempDir
    private Path folder;

    private static byte[] resource(String name) throws IOException {
        try (var in = NumberTableTest.class.getResourceAsStream("/parquet/" + name + ".parquet")) {
            return in.readAllBytes();
        }
    }

    /** The columns of a file by rows, as DuckDB has them. */
    private static float[] expected(Path file, int[] columns) throws SQLException {
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM '%s'".formatted(file))) {
            var values = new ArrayList<Float>();
            while (rows.next()) {
                for (int column : columns) {
                    values.add((float) rows.getDouble(column + 1));
                }
            }
            return floats(values);
        }
    }

    private static float[] floats(List<Float> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }

    /** In pieces of random sizes, now and then from the beginning again; each batch after all of them were taken. */
    private static float[] read(ByteSource source, int[] columns, Random random) throws IOException {
        List<Batch> batches = new ArrayList<>();
        try (ParquetReader reader = ParquetReader.open(source, 0, Long.MAX_VALUE, new FloatColumns(columns))) {
            for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
                batches.add(batch);
            }
        }
        List<Float> values = new ArrayList<>();
        for (Batch batch : batches) {
            FloatRows floats = Objects.requireNonNull(batch.floatRows(), source.name());
            for (int row = 0; row < batch.rows(); ) {
                int count = 1 + random.nextInt(batch.rows() - row);
                if (random.nextInt(4) == 0) {
                    piece(floats, random.nextInt(row + 1), 1, columns.length);
                }
                piece(floats, row, count, columns.length).forEach(values::add);
                row += count;
            }
        }
        return floats(values);
    }

    private static List<Float> piece(FloatRows floats, int from, int rows, int width) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(Float.BYTES * width * rows).order(ByteOrder.LITTLE_ENDIAN);
        floats.write(into, from, rows);
        assertThat(into.hasRemaining()).isFalse();
        into.flip();
        return IntStream.range(0, width * rows).mapToObj(_ -> into.getFloat()).toList();
    }

    private static int[] shuffled(int columns, Random random) {
        int[] order = IntStream.range(0, columns).toArray();
        for (int i = columns - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        return Arrays.copyOf(order, 1 + random.nextInt(columns));
    }

    @ParameterizedTest
    @CsvSource({"uncompressed, 1", "snappy, 2", "gzip, 3", "zstd, 4", "lz4_raw, 5"})
    void areWhatDuckDbWroteWithEveryCodecThatIsKnownHere(String codec, long seed) throws Exception {
        Path file = folder.resolve(codec + ".parquet");
        write(file, TABLE, "CODEC " + codec + ", ROW_GROUP_SIZE " + (codec.equals("snappy") ? 20_000 : 4_096));
        Random random = new Random(seed);
        for (int round = 0; round < 4; round++) {
            int[] columns = shuffled(NUMBERS, random);
            assertThat(read(ByteSource.of(file), columns, random)).isEqualTo(expected(file, columns));
        }
    }

    /** Pages of both versions, dictionaries that are given up, checksums, columns that may and that may not have nulls. */
    @ParameterizedTest
    @ValueSource(strings = {"first-snappy", "first-none-checked", "second-zstd-checked", "second-lz4"})
    void areWhatPyArrowWroteInManySmallPages(String name) throws Exception {
        Path file = Files.write(folder.resolve(name + ".parquet"), resource(name));
        Random random = new Random(7);
        for (int round = 0; round < 4; round++) {
            int[] columns = shuffled(7, random);
            assertThat(read(ByteSource.of(file), columns, random)).isEqualTo(expected(file, columns));
        }
    }

    /** Its bytes are read piece by piece, and a page is longer than a piece. */
    @Test
    void areReadFromARowGroupThatIsTooLargeToBeReadAtOnce() throws Exception {
        int rows = 2_200_000;
        Path file = folder.resolve("large.parquet");
        write(
                file,
                "SELECT (i * 7919 %% 17)::FLOAT AS few, random() AS wide, (i %% 1000)::INTEGER AS last FROM range(%d) r(i)"
                        .formatted(rows),
                "CODEC uncompressed, ROW_GROUP_SIZE " + rows);
        assertThat(Files.size(file)).isGreaterThan(20 << 20);
        long row = 0;
        try (ParquetReader reader =
                ParquetReader.open(ByteSource.of(file), 0, Long.MAX_VALUE, new FloatColumns(2, 0))) {
            for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
                List<Float> values = piece(Objects.requireNonNull(batch.floatRows()), 0, batch.rows(), 2);
                for (int i = 0; i < batch.rows(); i++, row++) {
                    assertThat(values.get(2 * i).intValue()).isEqualTo((int) (row % 1000));
                    assertThat(values.get(2 * i + 1).intValue()).isEqualTo((int) (row * 7919 % 17));
                }
            }
        }
        assertThat(row).isEqualTo(rows);
    }

    /** What hardwood alone can read, by hardwood: as values, and equal ones. */
    @ParameterizedTest
    @ValueSource(strings = {"CODEC brotli", "PARQUET_VERSION V2", "gaps"})
    void areLeftToHardwoodWhereTheyAreLaidDownOtherwise(String options) throws Exception {
        Path file = folder.resolve("other.parquet");
        boolean gaps = options.equals("gaps");
        String table = gaps
                ? "SELECT CASE WHEN i = 700 THEN NULL ELSE i END AS n FROM range(3000) r(i)"
                : "SELECT i AS n FROM range(3000) r(i)";
        write(file, table, gaps ? "ROW_GROUP_SIZE 2048" : options);
        int rows = 0;
        try (ParquetReader reader = ParquetReader.open(ByteSource.of(file), 0, Long.MAX_VALUE, new FloatColumns(0))) {
            for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
                assertThat(batch.floatRows()).isNull();
                assertThat(((ColumnVector.Longs) batch.vector(0)).values()[0]).isEqualTo(rows);
                rows += batch.rows();
            }
        }
        assertThat(rows).isEqualTo(3000);
    }

    /** Any byte may be any other: what comes is the rows, if it is not found out, or an error that names object and byte. */
    @ParameterizedTest
    @ValueSource(strings = {"first-snappy", "first-none-checked", "second-zstd-checked", "second-lz4"})
    void damagedPagesAreRefusedOrRead(String name) throws Exception {
        byte[] whole = resource(name);
        int[] columns = {0, 1, 2, 3, 4, 5, 6};
        float[] right = read(ByteSource.of(name, whole), columns, new Random(0));
        Random random = new Random(11);
        int refused = 0;
        for (int round = 0; round < 1_500; round++) {
            byte[] damaged = whole.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                damaged[4 + random.nextInt(whole.length - 4_000)] = (byte) random.nextInt();
            }
            try {
                float[] values = read(ByteSource.of(name, damaged), columns, random);
                assertThat(values).hasSameSizeAs(right);
                if (name.endsWith("checked")) {
                    assertThat(values).isEqualTo(right);
                }
            } catch (FormatException e) {
                refused++;
                assertThat(e).hasMessageStartingWith(name + ", byte ").hasMessageContaining("upload it again");
            }
        }
        assertThat(refused).isGreaterThan(300);
    }

    /** Its footer too, and where hardwood reads it. */
    @ParameterizedTest
    @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @ValueSource(strings = {"first-snappy", "first-none-checked", "second-zstd-checked", "second-lz4"})
    void aDamagedFileIsRefusedOrReadToItsEnd(String name) throws Exception {
        byte[] whole = resource(name);
        int footer = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(whole.length - 8);
        int[] pages = firstPages(whole);
        Random random = new Random(12);
        int refused = 0;
        for (int round = 0; round < 600; round++) {
            byte[] damaged = whole.clone();
            // bits of the header of a column's first page, then bytes of the footer
            if (round < 300) {
                damaged[pages[round % pages.length] + random.nextInt(25)] ^= (byte) (1 << random.nextInt(8));
            } else {
                damaged[whole.length - 8 - footer + random.nextInt(footer)] = (byte) random.nextInt();
            }
            ByteSource source = ByteSource.of(name, damaged);
            for (FloatColumns floats : List.of(new FloatColumns(0, 1, 2, 3, 4, 5, 6), FloatColumns.NONE)) {
                try (ParquetReader reader = ParquetReader.open(source, 0, Long.MAX_VALUE, floats)) {
                    ByteBuffer into = ByteBuffer.allocate(7 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                    for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
                        if (batch.floatRows() != null) {
                            batch.floatRows().write(into.clear(), batch.rows() - 1, 1);
                        }
                    }
                } catch (FormatException e) {
                    refused++;
                    assertThat(e).hasMessageStartingWith(name);
                }
            }
        }
        assertThat(refused).isGreaterThan(300);
    }

    /** Where the columns of the first row group begin. */
    private static int[] firstPages(byte[] whole) throws IOException {
        try (ParquetFileReader file = ParquetFileReader.open(InputFile.of(ByteBuffer.wrap(whole)))) {
            return file.getFileMetaData().rowGroups().getFirst().columns().stream()
                    .mapToInt(column -> (int) column.chunkStartOffset())
                    .toArray();
        }
    }

    /** A heap in which the pages have no room twice, and one in which they have none. */
    @ParameterizedTest
    @CsvSource({"160m, 10000 rows", "48m, half of the heap; write it in smaller row groups or pages"})
    void manyColumnsAreReadWithTheMemoryThatThereIsOrRefused(String heap, String outcome) throws Exception {
        Path file = folder.resolve("wide.parquet");
        String columns = IntStream.range(0, 1_000)
                .mapToObj(i -> "random()::FLOAT AS c" + i)
                .collect(joining(", "));
        write(file, "SELECT " + columns + " FROM range(10000)", "CODEC zstd");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + heap,
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WideTable.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains(outcome);
    }

    @Test
    void aDamagedPageIsNamedWithItsColumnAndItsFirstByte() throws Exception {
        byte[] damaged = resource("first-none-checked");
        damaged[60] ^= 1;
        assertThatThrownBy(() -> read(ByteSource.of("day.parquet", damaged), new int[] {1, 0}, new Random(0)))
                .isInstanceOf(FormatException.class)
                .hasMessage(
                        "day.parquet, byte 4: the page of column few that begins here cannot be read (its checksum is another"
                                + " one); the file is damaged: write or upload it again");
    }

    @Test
    void aStoreThatFailsIsNotTakenForADamagedPage() throws Exception {
        byte[] whole = resource("first-snappy");
        // the footer can be read
        ByteSource store = new UnsteadyStore(whole, offset -> offset >= whole.length / 2);
        assertThatThrownBy(() -> read(store, new int[] {0, 1, 2, 3, 4, 5, 6}, new Random(0)))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("503 Slow Down");
    }

    private static void write(Path file, String table, String options) throws SQLException {
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("SELECT setseed(0.5)");
            statement.execute("COPY (%s) TO '%s' (FORMAT parquet, %s)".formatted(table, file, options));
        }
    }
}
