package dev.tidemill.profile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordWriterTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void numbersAreWrittenAsJavaPrintsThem() throws IOException {
        float[] floats = {
            0f,
            -0f,
            1f,
            -1.5f,
            0.1f,
            1 / 3f,
            9_999_999f,
            1e7f,
            1e-3f,
            9.999e-4f,
            16_777_216f,
            -1e30f,
            Float.MIN_VALUE,
            Math.nextDown(Float.MIN_NORMAL),
            Float.MIN_NORMAL,
            -Float.MAX_VALUE,
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY
        };
        StringBuilder expected = new StringBuilder();
        try (RecordWriter writer = RecordWriter.jsonLines(out, List.of("f", "d", "i", "u"))) {
            for (int i = 0; i < floats.length; i++) {
                long whole = (i - 9) * (1L << 3 * i);
                writer.number(floats[i]);
                writer.number((double) floats[i]);
                writer.integer(whole);
                writer.unsigned(whole);
                writer.end();
                expected.append("{\"f\":%s,\"d\":%s,\"i\":%d,\"u\":%s}\n"
                        .formatted(floats[i], (double) floats[i], whole, Long.toUnsignedString(whole)));
            }
        }
        assertThat(out.toString(UTF_8)).isEqualTo(expected.toString());
    }

    /** One value is larger than what is gathered before it goes out, and the records after it are small again. */
    @Test
    void aValueOfAnyLengthIsReadBack() throws IOException {
        String text = "ein \"Wort\", größer;\n".repeat(20_000);
        try (RecordWriter writer = RecordWriter.csv(out, List.of("text", "ok"), Format.Csv.DEFAULT)) {
            for (String value : List.of("a", text, "ö")) {
                writer.text(value);
                writer.bool(true);
                writer.end();
            }
        }
        assertThat(out.toString(UTF_8))
                .isEqualTo("text,ok\na,true\n\"" + text.replace("\"", "\"\"") + "\",true\nö,true\n");
    }
}
