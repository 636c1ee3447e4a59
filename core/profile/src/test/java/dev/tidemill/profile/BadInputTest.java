package dev.tidemill.profile;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a file, where, and what to do: told by content alone, with one thread and with two. */
class BadInputTest {

    private static final String ROWS = "id,name\n" + "1,a\n".repeat(50_000);

    static Stream<Arguments> broken() throws IOException {
        byte[] gzip = gzip(ROWS.getBytes(UTF_8));
        byte[] parquet = Arrays.copyOf("PAR1".getBytes(UTF_8), 100);
        byte[] notText = (ROWS + "2,x\n").getBytes(UTF_8);
        notText[notText.length - 2] = (byte) 0xE9;
        int end = ROWS.length();
        return Stream.of(
                Arguments.of(
                        "a short record", text(ROWS + "2\n"), "f, line 50002, byte " + end + ": ", "set ragged: Pad"),
                Arguments.of(
                        "a long record",
                        text(ROWS + "2,b,c\n"),
                        "f, line 50002, byte " + end + ": ",
                        "set ragged: Pad"),
                Arguments.of(
                        "an unclosed quote",
                        text(ROWS + "2,\"b\n3,c\n"),
                        "f, line 50002, byte " + (end + 2) + ": ",
                        "never closed"),
                Arguments.of(
                        "Latin 1",
                        notText,
                        "f, line 50002, byte " + (notText.length - 2) + ": ",
                        "convert the file to UTF-8"),
                Arguments.of(
                        "UTF-16", "id,name\n".getBytes(UTF_16), "f, line 1, byte 0: ", "convert the file to UTF-8"),
                Arguments.of(
                        "a gzip that was cut off",
                        Arrays.copyOf(gzip, gzip.length - 20),
                        "f, byte " + (gzip.length - 20) + ": ",
                        "upload it again"),
                Arguments.of(
                        "a short record in a gzip",
                        gzip(text(ROWS + "2\n")),
                        "f (unpacked), line 50002, byte " + end + ": ",
                        "set ragged: Pad"),
                Arguments.of("Parquet without a footer", parquet, "f, byte 92: ", "upload it again"),
                Arguments.of("packed Parquet", gzip(parquet), "f (unpacked), byte 0: ", "unpack it"),
                Arguments.of("a JSON array", text("[ {\"a\": 1}]"), "f, line 1, byte 0: ", "write one object a line"),
                Arguments.of("broken JSON", text("{\"a\": 1}\n{\"a\": \n"), "f, line 2, ", ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void namesObjectLineByteAndRemedy(String what, byte[] bytes, String where, String remedy) {
        for (int threads : new int[] {1, 2}) {
            assertThatThrownBy(() -> new Profiler(threads).profile(ByteSource.of("f", bytes), new Format.Auto()))
                    .as(what)
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith(where)
                    .hasMessageContaining(remedy);
        }
    }

    @Test
    void anEmptyFileHasNoRowsAndNoColumns() throws IOException {
        for (byte[] empty : new byte[][] {{}, gzip(new byte[0]), text("\n")}) {
            Profile profile = profile(empty);
            assertThat(profile.rows()).isZero();
            assertThat(profile.columns()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"id,name", "id,name\n", "\uFEFFid,name\r\n"})
    void aHeaderWithoutRowsHasColumns(String csv) throws IOException {
        Profile profile = new Profiler()
                .profile(ByteSource.of("f", text(csv)), Format.Csv.DEFAULT.withHeader(Format.Header.PRESENT));
        assertThat(profile.rows()).isZero();
        assertThat(profile.columns()).extracting(ColumnProfile::name).containsExactly("id", "name");
    }

    @Test
    void aColumnNameUsedTwiceGetsANumber() throws IOException {
        Profile profile = profile(text("id,id,id_1\n1,2,3\n4,5,6\n"));
        assertThat(profile.columns())
                .extracting(ColumnProfile::name)
                .doesNotHaveDuplicates()
                .startsWith("id");
        assertThat(profile.columns()).extracting(ColumnProfile::max).containsExactly(4L, 5L, 6L);
    }

    @Test
    void bytesThatAreNoTableAreRaw() throws IOException {
        byte[] png = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13};
        Profile profile = profile(png);
        assertThat(profile.rows()).isZero();
        assertThat(profile.columns()).isEmpty();
    }

    @Test
    void aPackedFileIsNotCut() throws IOException {
        byte[] packed = gzip(text(ROWS));
        assertThatThrownBy(() -> new Profiler().profileRange(ByteSource.of("f", packed), new Format.Auto(), 10, 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("f cannot be cut at any byte; read it as a whole");
    }

    @Test
    void recognisesTextsByTheirFirstRecord() throws IOException {
        assertThat(profile(text("  {\"a\": 1, \"b\": \"x\"}\n{\"a\": 2}\n")).columns())
                .extracting(ColumnProfile::name)
                .containsExactly("a", "b");
        assertThat(profile(text("{name},n\nx,1\n")).columns())
                .extracting(ColumnProfile::name)
                .containsExactly("{name}", "n");
    }

    private static Profile profile(byte[] bytes) throws IOException {
        return new Profiler().profile(ByteSource.of("f", bytes), new Format.Auto());
    }

    private static byte[] text(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(plain);
        }
        return packed.toByteArray();
    }
}
