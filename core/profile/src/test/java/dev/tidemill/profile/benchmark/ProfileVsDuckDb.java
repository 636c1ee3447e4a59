package dev.tidemill.profile.benchmark;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.Profiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * One contender, once: {@code generate FILE BYTES}, {@code tidemill FILE THREADS} or {@code duckdb FILE THREADS}. The contenders print
 * the seconds from the first look at the file to the last column's figures; each run is a process of its own, so that ours pays for its
 * warm-up as DuckDB, being native, does not have to.
 */
final class ProfileVsDuckDb {

    private ProfileVsDuckDb() {}

    public static void main(String[] args) throws IOException, SQLException {
        Path file = Path.of(args[1]);
        switch (args[0]) {
            case "generate" -> generate(file, Long.parseLong(args[2]));
            case "tidemill" -> report(tidemill(file, Integer.parseInt(args[2])));
            case "duckdb" -> report(duckDb(file, Integer.parseInt(args[2])));
            default -> throw new IllegalArgumentException("generate, tidemill or duckdb, not " + args[0]);
        }
    }

    private static void generate(Path file, long bytes) throws IOException {
        if (!Files.exists(file) || Files.size(file) < bytes) {
            MixedTable.write(file, bytes);
        }
    }

    private static double tidemill(Path file, int threads) throws IOException {
        long start = System.nanoTime();
        int columns = new Profiler(threads)
                .profile(ByteSource.of(file), new Format.Auto())
                .columns()
                .size();
        return seconds(start, columns);
    }

    private static double duckDb(Path file, int threads) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var statement = connection.createStatement()) {
            statement.execute("SET threads = " + threads);
            long start = System.nanoTime();
            int columns = 0;
            try (ResultSet rows = statement.executeQuery("SUMMARIZE SELECT * FROM '" + file + "'")) {
                while (rows.next()) {
                    columns++;
                }
            }
            return seconds(start, columns);
        }
    }

    private static double seconds(long start, int columns) {
        if (columns != MixedTable.COLUMNS) {
            throw new IllegalStateException(columns + " columns instead of " + MixedTable.COLUMNS);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    @SuppressWarnings("SystemOut")
    private static void report(double seconds) {
        System.out.printf("%.2f%n", seconds);
    }
}
