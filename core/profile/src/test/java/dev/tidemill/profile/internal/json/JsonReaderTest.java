package dev.tidemill.profile.internal.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.Chunks;
import dev.tidemill.profile.internal.ColumnVector.Texts;
import dev.tidemill.profile.internal.FloatColumns;
import dev.tidemill.profile.internal.FloatRows;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** However the lines are written, and however they are cut into chunks: the values are those that were written. */
class JsonReaderTest {

    private static final int[] SIZES = {1, 2, 3, 5, 8, 13, 64, 65, 200, 1 << 20};
    private static final List<String> KNOWN = List.of("x", "a key of more than sixteen bytes", "é\"\n");
    private static final FloatColumns FLOATS = new FloatColumns(1, 0);

    /** What one value is written as, and what its text is then; null for none. */
    private record Value(String json, String text) {}

    private static final List<Value> OTHERS = List.of(
            new Value("null", ""),
            new Value("\"\"", ""),
            new Value("\"12\"", "12"),
            new Value("\"a, \\\"b\\\": {\\\\\\u00e9\\ud83d\\ude00\\n\\/\"", "a, \"b\": {\\é😀\n/"),
            new Value("\"longer than eight bytes, é and 😀\"", "longer than eight bytes, é and 😀"),
            new Value("true", "true"),
            new Value("false", "false"),
            new Value("NaN", "NaN"),
            new Value("-Infinity", "-Infinity"),
            new Value("[1,{\"a\":\"]}\\\"\"}]", "[1,{\"a\":\"]}\\\"\"}]"),
            new Value("{\"x\":{}}", "{\"x\":{}}"));

    private static Value value(Random random, int trouble) {
        return random.nextInt(100) < trouble
                ? OTHERS.get(random.nextInt(OTHERS.size()))
                : number(
                        switch (random.nextInt(8)) {
                            case 0, 1, 2 -> Integer.toString(random.nextInt(10));
                            case 3 -> Integer.toString(random.nextInt(-200, 200));
                            case 4 -> Float.toString(random.nextFloat());
                            case 5 -> Double.toString(random.nextGaussian() * 1e9);
                            case 6 -> Long.toString(random.nextLong());
                            default -> "1E+" + random.nextInt(30);
                        });
    }

    private static Value number(String text) {
        return new Value(text, text);
    }

    private static String key(String name) {
        return "\"" + name.replace("\"", "\\u0022").replace("\n", "\\n") + "\"";
    }

    /** Lines that are mostly alike; {@code rows} gets what is in them, by names. */
    private static String lines(Random random, List<Map<String, Value>> rows) {
        StringBuilder lines = new StringBuilder();
        List<String> names = new ArrayList<>(KNOWN);
        names.add("new");
        int trouble = random.nextInt(3) == 0 ? 0 : random.nextInt(30);
        String space = random.nextBoolean() ? "" : " ";
        for (int row = random.nextInt(60); row > 0; row--) {
            if (random.nextInt(100) < trouble) {
                java.util.Collections.shuffle(names, random);
            }
            Map<String, Value> values = new HashMap<>();
            lines.append(random.nextInt(20) == 0 ? "\r\n \t{" : "{");
            boolean first = true;
            for (String name : names) {
                for (int again = random.nextInt(100) < trouble ? random.nextInt(3) : 1; again > 0; again--) {
                    Value value = value(random, trouble);
                    values.put(name, value);
                    String odd = random.nextInt(100) < trouble ? " \t" : "";
                    lines.append(first ? odd : odd + "," + space)
                            .append(key(name))
                            .append(odd)
                            .append(":")
                            .append(space)
                            .append(odd)
                            .append(value.json());
                    first = false;
                }
            }
            lines.append(space).append('}');
            lines.append(row == 1 && random.nextBoolean() ? "" : random.nextInt(5) == 0 ? " \r\n" : "\n");
            rows.add(values);
        }
        return lines.toString();
    }

    @Test
    void valuesAreThoseThatWereWrittenInChunksOfEverySize() throws IOException {
        int asFloats = 0;
        int asTexts = 0;
        for (int seed = 0; seed < 400; seed++) {
            List<Map<String, Value>> rows = new ArrayList<>();
            ByteSource source = ByteSource.of("t", lines(new Random(seed), rows).getBytes(UTF_8));
            for (int size : SIZES) {
                for (FloatColumns wanted : List.of(FloatColumns.NONE, FLOATS)) {
                    Read read = new Read(wanted);
                    read.all(source, size);
                    assertThat(read.rows)
                            .as("seed %d, chunks of %d", seed, size)
                            .hasSameSizeAs(rows);
                    for (int row = 0; row < rows.size(); row++) {
                        Map<String, String> expected = new TreeMap<>();
                        boolean floats = read.asFloats.get(row);
                        rows.get(row).forEach((name, value) -> {
                            if (!value.json().equals("null")) {
                                boolean wants = floats && KNOWN.indexOf(name) >= 0 && KNOWN.indexOf(name) < 2;
                                expected.put(
                                        name,
                                        wants
                                                ? Float.toString((float) Double.parseDouble(value.text()))
                                                : value.text());
                            }
                        });
                        assertThat(read.rows.get(row))
                                .as("seed %d, chunks of %d, row %d", seed, size, row)
                                .isEqualTo(expected);
                        asFloats += floats ? 1 : 0;
                        asTexts += floats ? 0 : 1;
                    }
                }
            }
        }
        assertThat(asFloats).isGreaterThan(10_000);
        assertThat(asTexts).isGreaterThan(100_000);
    }

    /** Of lines in which some byte was replaced, removed or doubled. */
    @Test
    void whatIsWrongIsToldAlikeInChunksOfEverySize() throws IOException {
        String bytes = "{}[]\",:\\u019\n\r -+.eEnt";
        int refused = 0;
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            StringBuilder lines = new StringBuilder(lines(random, new ArrayList<>()));
            for (int i = random.nextInt(3); i >= 0 && !lines.isEmpty(); i--) {
                int at = random.nextInt(lines.length());
                lines.replace(
                        at,
                        at + random.nextInt(2),
                        random.nextInt(4) == 0 ? "" : "" + bytes.charAt(random.nextInt(bytes.length())));
            }
            ByteSource source = ByteSource.of("t", lines.toString().getBytes(UTF_8));
            String whole = outcome(source, 1 << 20, FloatColumns.NONE);
            refused += whole.startsWith("t, line ") ? 1 : 0;
            for (int size : SIZES) {
                assertThat(outcome(source, size, FloatColumns.NONE))
                        .as("seed %d, chunks of %d", seed, size)
                        .isEqualTo(whole);
                String floats = outcome(source, size, FLOATS);
                assertThat(floats.startsWith("t, line ") ? floats : "")
                        .as("seed %d, chunks of %d, floats", seed, size)
                        .isEqualTo(whole.startsWith("t, line ") ? whole : "");
            }
        }
        assertThat(refused).isBetween(500, 1_900);
    }

    private static String outcome(ByteSource source, int size, FloatColumns wanted) throws IOException {
        Read read = new Read(wanted);
        try {
            read.all(source, size);
            return read.rows.toString();
        } catch (FormatException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** All rows, as texts by names. */
    private static final class Read {
        private final FloatColumns wanted;
        final List<Map<String, String>> rows = new ArrayList<>();
        final List<Boolean> asFloats = new ArrayList<>();

        Read(FloatColumns wanted) {
            this.wanted = wanted;
        }

        void all(ByteSource source, int size) throws IOException {
            JsonRecords records = new JsonRecords(source, wanted.isEmpty() ? List.of() : KNOWN);
            try (Chunks chunks = new Chunks(source, records, records.dataStart(), Long.MAX_VALUE, size, size);
                    BatchReader reader = records.reader(chunks, wanted)) {
                for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
                    for (int row = 0; row < batch.rows(); row++) {
                        rows.add(row(reader.columns(), batch, row));
                        asFloats.add(batch.floatRows() != null);
                    }
                }
            }
        }

        private Map<String, String> row(List<String> names, Batch batch, int row) throws IOException {
            Map<String, String> values = new TreeMap<>();
            FloatRows floats = batch.floatRows();
            if (floats != null) {
                ByteBuffer some =
                        ByteBuffer.allocate(4 * wanted.positions().length).order(ByteOrder.LITTLE_ENDIAN);
                floats.write(some, row, 1);
                some.flip();
                for (int position : wanted.positions()) {
                    values.put(names.get(position), Float.toString(some.getFloat()));
                }
            }
            for (int column = 0; column < batch.columns(); column++) {
                if (!values.containsKey(names.get(column))) {
                    Texts texts = (Texts) batch.vector(column);
                    if (texts.lengths()[row] >= 0) {
                        values.put(
                                names.get(column),
                                new String(texts.buffer(), texts.starts()[row], texts.lengths()[row], UTF_8));
                    }
                }
            }
            return values;
        }
    }
}
