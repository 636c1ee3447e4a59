package dev.tidemill.profile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonLinesTest {
    private static ByteSource source(String text) {
        return ByteSource.of("t.jsonl", text.getBytes(UTF_8));
    }

    private static Profile profile(String text) throws IOException {
        return new Profiler().profile(source(text), new Format.JsonLines());
    }

    @Test
    void keysAreColumnsAndWhatIsMissingIsNull() throws IOException {
        Profile profile = profile("""
                {"id":1,"name":"ann","at":"2024-01-02T03:04:05Z","tags":["a"],"ok":true}
                {"name":"bob","id":2,"zip":"12345"}

                {"id":3,"name":null,"x":1.5}
                """);

        assertThat(profile.rows()).isEqualTo(3);
        assertThat(profile.columns())
                .extracting(c -> c.name() + " " + c.type() + " " + c.count())
                .containsExactly(
                        "id int64 3",
                        "name string 2",
                        "at timestamp 1",
                        "tags string 1",
                        "ok boolean 1",
                        "zip string 1",
                        "x double 1");
    }

    @Test
    void aStringThatLooksLikeANumberIsAString() throws IOException {
        Profile profile = profile("{\"a\":\"12\",\"b\":12,\"c\":12}\n{\"a\":\"13\",\"b\":\"x\",\"c\":NaN}\n");

        assertThat(profile.columns())
                .extracting(ColumnProfile::type)
                .containsExactly(ColumnType.STRING, ColumnType.STRING, ColumnType.DOUBLE);
        assertThat(profile.columns().get(2).nan()).isEqualTo(1);
    }

    @Test
    void unescapesWhatJsonEscapes() throws IOException {
        Profile profile = profile("{\"\\u0061\":\"\\\"\\\\\\/\\n\\ud83d\\ude00\"}");

        assertThat(profile.columns().getFirst().name()).isEqualTo("a");
        assertThat(profile.columns().getFirst().min()).isEqualTo("\"\\/\n😀");
    }

    @Test
    void refusesWhatIsNotOneObjectALineAndNamesLineAndByte() {
        Map.of(
                        "{\"a\":1}\n{\"a\":\n2}\n",
                        "t.jsonl, line 2, byte 13: the line ends within its object; write each object on one line",
                        "{\"a\":1}\n[1]\n",
                        "t.jsonl, line 2, byte 8: an array starts here; write its objects one a line, without brackets and commas",
                        "{\"a\":1}\n{\"a\":abc}\n",
                        "t.jsonl, line 2, byte 13: a JSON value must stand here; texts need double quotes",
                        "{\"a\":\"x}\n",
                        "t.jsonl, line 1, byte 5: quote opened here is not closed on this line",
                        "{\"a\":1}{\"a\":2}\n",
                        "t.jsonl, line 1, byte 7: more text follows the object; write one object a line",
                        "{\"a\":[1,{}\n",
                        "t.jsonl, line 1, byte 5: what is opened here is not closed on this line",
                        "{\"a\":\"\\ud83d\"}\n",
                        "t.jsonl, line 1, byte 6: half of a surrogate pair",
                        "{\"a\" 1}\n",
                        "t.jsonl, line 1, byte 5: ':' must stand here")
                .forEach((text, message) -> assertThatThrownBy(() -> profile(text))
                        .isInstanceOf(FormatException.class)
                        .hasMessage(message));
    }

    @Test
    void whatTheWriterWritesTheReaderReads() throws IOException {
        String text =
                "{\"n\":1,\"s\":\"a\\\"b\\n\",\"nested\":{\"x\":[1,\"]\"]},\"ok\":true}\n{\"s\":\"12\",\"n\":2.5}\n{}\n";
        var out = new ByteArrayOutputStream();
        try (RecordReader reader = RecordReader.open(source(text), new Format.JsonLines());
                RecordWriter writer = RecordWriter.jsonLines(out, List.of("n", "s", "nested", "ok"))) {
            while (reader.next()) {
                for (int i = 0; i < 4; i++) {
                    if (reader.isNumber(i)) {
                        writer.number(reader.number(i) + 1);
                    } else {
                        writer.copy(reader, i);
                    }
                }
                writer.end();
            }
        }

        assertThat(out.toString(UTF_8))
                .isEqualTo(
                        "{\"n\":2.0,\"s\":\"a\\\"b\\u000a\",\"nested\":{\"x\":[1,\"]\"]},\"ok\":true}\n{\"n\":3.5,\"s\":\"12\"}\n{}\n");
    }
}
