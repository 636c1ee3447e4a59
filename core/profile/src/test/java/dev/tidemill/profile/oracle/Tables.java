package dev.tidemill.profile.oracle;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Generated CSV tables: the same seed, rows and columns give the same bytes. */
final class Tables {

    /** What one column's fields look like; the text is as it stands in the file, quotes included. */
    enum Kind {
        SMALL_INT(random -> Integer.toString(random.nextInt(-50, 50))),
        LONG(random -> Long.toString(random.nextLong())),
        LONG_SOMETIMES_MISSING(random -> random.nextInt(5) == 0 ? "" : Long.toString(random.nextInt())),
        CENTS(random -> String.format("%d.%02d", random.nextInt(10_000), random.nextInt(100))),
        DOUBLE(random -> Double.toString(random.nextDouble() * 2e6 - 1e6)),
        GAUSSIAN_FAR_FROM_ZERO(random -> Double.toString(1e9 + random.nextGaussian())),
        DOUBLE_WITH_NAN(random -> random.nextInt(7) == 0 ? "NaN" : Double.toString(random.nextGaussian())),
        SCIENTIFIC(random -> random.nextInt(1, 10) + "." + random.nextInt(1000) + "e" + random.nextInt(-20, 20)),
        INT_THEN_DOUBLE(random -> random.nextInt(100) == 0 ? "0.5" : Integer.toString(random.nextInt(1000))),
        BOOLEAN(random -> random.nextBoolean() ? "true" : "false"),
        BOOLEAN_SOMETIMES_MISSING(random -> List.of("true", "false", "").get(random.nextInt(3))),
        DATE(random -> LocalDate.of(1900, 1, 1).plusDays(random.nextInt(60_000)).toString()),
        DATE_SOMETIMES_MISSING(random -> random.nextInt(3) == 0
                ? ""
                : LocalDate.ofEpochDay(random.nextInt(-1000, 1000)).toString()),
        TIMESTAMP(random -> moment(random).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss"))),
        TIMESTAMP_MILLIS(random -> moment(random).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS"))),
        CATEGORY(random -> List.of("red", "green", "blue").get(random.nextInt(3))),
        UNICODE(random ->
                List.of("Zürich", "東京", "naïve", "😀 smile", "Ωmega", "ἀρχή").get(random.nextInt(6))
                        + random.nextInt(500)),
        QUOTED(random -> "\"line " + random.nextInt(300) + "\nand, \"\"more\"\"\""),
        QUOTED_NUMBER(random -> "\"" + random.nextInt(1000) + "\""),
        LEADING_ZEROS(random -> String.format("%05d", random.nextInt(100_000))),
        HEX(random -> "x" + Long.toHexString(random.nextLong())),
        CONSTANT(random -> "same"),
        NOTHING(random -> "");

        private final Cell cell;

        Kind(Cell cell) {
            this.cell = cell;
        }
    }

    private interface Cell {
        String of(SplittableRandom random);
    }

    /** How the rows are put together. */
    enum Dialect {
        UNIX("\n", false, true),
        WINDOWS("\r\n", true, true),
        CUT_SHORT("\n", false, false);

        private final String newline;
        private final boolean byteOrderMark;
        private final boolean finalNewline;

        Dialect(String newline, boolean byteOrderMark, boolean finalNewline) {
            this.newline = newline;
            this.byteOrderMark = byteOrderMark;
            this.finalNewline = finalNewline;
        }
    }

    private Tables() {}

    /** A table whose {@code i}-th column is of the {@code i}-th kind, starting over after the last. */
    static byte[] csv(int rows, int columns, Dialect dialect) {
        var random = new SplittableRandom(31L * rows + columns);
        var kinds = Kind.values();
        var text = new StringBuilder(dialect.byteOrderMark ? "\uFEFF" : "");
        text.append(String.join(
                ",", IntStream.range(0, columns).mapToObj(Tables::name).toList()));
        for (int row = 0; row < rows; row++) {
            text.append(dialect.newline);
            for (int column = 0; column < columns; column++) {
                text.append(column == 0 ? "" : ",").append(kinds[column % kinds.length].cell.of(random));
            }
        }
        return text.append(dialect.finalNewline ? dialect.newline : "")
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Name of the {@code column}-th column: its kind and its number. */
    static String name(int column) {
        var kinds = Kind.values();
        return kinds[column % kinds.length].name().toLowerCase(java.util.Locale.ROOT) + "_" + column;
    }

    private static LocalDateTime moment(SplittableRandom random) {
        return LocalDateTime.of(1970, 1, 1, 0, 0)
                .plusSeconds(random.nextLong(-1L << 31, 1L << 31))
                .plusNanos(random.nextInt(1000) * 1_000_000L);
    }
}
