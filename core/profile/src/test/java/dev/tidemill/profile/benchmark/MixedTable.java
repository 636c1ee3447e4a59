package dev.tidemill.profile.benchmark;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A CSV of twenty columns as business tables have them: keys, amounts, measurements, flags, dates, names and free text, some of it
 * quoted, some of it missing. The same size gives the same bytes everywhere.
 */
final class MixedTable {

    static final int COLUMNS = 20;

    private static final String HEADER =
            "id,customer,quantity,price,discount,weight,latitude,longitude,temperature,in_stock,"
                    + "returned,ordered_on,shipped_at,country,status,sku,name,comment,token,score\n";

    private static final String[] COUNTRIES = {
        "Germany", "France", "Brasil", "日本", "Türkiye", "United States", "India", "Kenya", "México", "Österreich"
    };
    private static final String[] STATUS = {"new", "paid", "packed", "shipped", "returned"};
    private static final String[] WORDS = {
        "mill", "tide", "water", "grain", "stone", "wheel", "river", "harvest", "flour", "gate", "moon", "ebb", "flood"
    };

    private MixedTable() {}

    /** Writes rows until the file has at least {@code bytes} bytes and returns their number. */
    static long write(Path file, long bytes) throws IOException {
        var random = new SplittableRandom(20);
        var line = new StringBuilder(512);
        long rows = 0;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            long written = HEADER.length();
            out.write(HEADER.getBytes(StandardCharsets.US_ASCII));
            while (written < bytes) {
                line.setLength(0);
                row(line, rows++, random);
                byte[] encoded = line.toString().getBytes(StandardCharsets.UTF_8);
                out.write(encoded);
                written += encoded.length;
            }
        }
        return rows;
    }

    private static void row(StringBuilder line, long id, SplittableRandom random) {
        line.append(id).append(',');
        line.append(random.nextInt(2_000_000)).append(',');
        line.append(1 + random.nextInt(40)).append(',');
        cents(line, random.nextInt(1_000_000)).append(',');
        if (random.nextInt(4) == 0) {
            cents(line, random.nextInt(100));
        }
        line.append(',');
        line.append(random.nextInt(100_000) / 1000.0).append(',');
        line.append(random.nextDouble() * 180 - 90).append(',');
        line.append(random.nextDouble() * 360 - 180).append(',');
        if (random.nextInt(20) != 0) {
            line.append(Math.rint(random.nextGaussian() * 80 + 120) / 10);
        }
        line.append(',');
        line.append(random.nextInt(10) != 0).append(',');
        line.append(random.nextInt(50) == 0).append(',');
        LocalDate day = LocalDate.of(2015, 1, 1).plusDays(random.nextInt(4000));
        line.append(day).append(',');
        timestamp(line, day, random).append(',');
        line.append(COUNTRIES[random.nextInt(COUNTRIES.length)]).append(',');
        line.append(STATUS[random.nextInt(STATUS.length)]).append(',');
        line.append("SKU-").append(100_000 + random.nextInt(50_000)).append(',');
        word(line, random).append(' ');
        word(line, random).append(',');
        comment(line, random).append(',');
        line.append(Long.toHexString(random.nextLong() | Long.MIN_VALUE)).append(',');
        line.append(random.nextInt(101)).append('\n');
    }

    private static StringBuilder cents(StringBuilder line, int cents) {
        int rest = cents % 100;
        return line.append(cents / 100).append(rest < 10 ? ".0" : ".").append(rest);
    }

    private static StringBuilder timestamp(StringBuilder line, LocalDate day, SplittableRandom random) {
        LocalDateTime at = day.atStartOfDay().plusSeconds(86_400L + random.nextInt(864_000));
        return line.append(String.format(
                Locale.ROOT, "%s %02d:%02d:%02d", at.toLocalDate(), at.getHour(), at.getMinute(), at.getSecond()));
    }

    private static StringBuilder word(StringBuilder line, SplittableRandom random) {
        return line.append(WORDS[random.nextInt(WORDS.length)]);
    }

    /** A third is missing, a third is plain, a third is quoted and has a comma and a doubled quote in it. */
    private static StringBuilder comment(StringBuilder line, SplittableRandom random) {
        int kind = random.nextInt(3);
        if (kind == 0) {
            return line;
        }
        String quote = kind == 2 ? "\"" : "";
        line.append(quote);
        int words = 2 + random.nextInt(8);
        for (int i = 0; i < words; i++) {
            word(line, random).append(' ');
        }
        if (kind == 2) {
            line.append(", said \"\"");
            word(line, random).append("\"\" ");
        }
        return line.append(random.nextInt(1000)).append(quote);
    }
}
