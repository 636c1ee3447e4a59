package dev.tidemill.profile.internal.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.ColumnType;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.internal.Batch;
import dev.tidemill.profile.internal.ColumnVector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyReaderTest {

    @ParameterizedTest
    @CsvSource({
        "<i1, -128 0 127",
        ">i2, -32768 1 32767",
        "<i2, -32768 1 32767",
        ">i4, -2147483648 1 2147483647",
        "<i4, -2147483648 1 2147483647",
        ">i8, -9223372036854775808 0 5",
        "<i8, -9223372036854775808 0 5",
        "|u1, 0 128 255",
        ">u2, 0 40000 65535",
        "<u4, 0 3000000000 4294967295",
        "<u8, 0 1 9223372036854775807"
    })
    void readsIntegersOfEveryWidthAndByteOrder(String type, String values) throws IOException {
        List<Long> numbers = Arrays.stream(values.split(" ")).map(Long::valueOf).toList();
        int size = type.charAt(2) - '0';
        byte[] file = npy(1, type, "(3,)", type.startsWith(">"), data -> numbers.forEach(n -> put(data, n, size)));

        assertThat(rows(file))
                .containsExactlyElementsOf(numbers.stream().map(String::valueOf).toList());
    }

    @ParameterizedTest
    @CsvSource({"2, <f2", "2, >f2", "4, <f4", "4, >f4", "8, <f8", "8, >f8"})
    void readsFloatsOfEveryWidthAndByteOrder(int size, String type) throws IOException {
        List<Double> numbers = List.of(0.0, -1.5, 65504.0, Double.NaN, Double.NEGATIVE_INFINITY);
        byte[] file = npy(
                2,
                type,
                "(5,)",
                type.startsWith(">"),
                data -> numbers.forEach(n -> {
                    switch (size) {
                        case 2 -> data.putShort(Float.floatToFloat16(n.floatValue()));
                        case 4 -> data.putFloat(n.floatValue());
                        default -> data.putDouble(n);
                    }
                }));

        assertThat(rows(file)).containsExactly("0.0", "-1.5", "65504.0", "NaN", "-Infinity");
    }

    @Test
    void readsUnsignedNumbersBeyondInt64AsDoubles() throws IOException {
        byte[] file = npy(1, "<u8", "(2,)", false, data -> data.putLong(-1L).putLong(3));
        assertThat(rows(file)).containsExactly("1.8446744073709552E19", "3.0");
    }

    @Test
    void readsTheRowsOfATwoDimensionalArrayInBothOrders() throws IOException {
        byte[] c = npy(1, "<i2", "(3, 2)", false, data -> shorts(data, 1, 2, 3, 4, 5, 6));
        byte[] fortran = npy(1, "<i2", "(3, 2)", false, true, data -> shorts(data, 1, 3, 5, 2, 4, 6));

        assertThat(columns(c)).containsExactly("column0", "column1").isEqualTo(columns(fortran));
        assertThat(rows(c)).containsExactly("1,2", "3,4", "5,6").isEqualTo(rows(fortran));
    }

    @Test
    void flattensMoreDimensionsIntoColumns() throws IOException {
        byte[] cube = npy(3, "|u1", "(2, 2, 2)", false, data -> data.put(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}));
        assertThat(columns(cube)).containsExactly("column0.0", "column0.1", "column1.0", "column1.1");
        assertThat(rows(cube)).containsExactly("1,2,3,4", "5,6,7,8");
    }

    @Test
    void namesTheColumnsOfAStructuredType() throws IOException {
        String descr =
                "[('größe', '<f8'), ('', '|V2'), ('ok', '|b1'), ('pos', [('x', '<i2'), ('y', '>i2')]), ('v', '<i2', (2,)),"
                        + " ('name', '<U3'), ('tag', '|S4'), ('day', '<M8[D]'), ('at', '<M8[ns]')]";
        byte[] file = structured(descr, 1, data -> {
            data.putDouble(1.5).putShort((short) 0).put((byte) 1);
            data.putShort((short) 7).put(new byte[] {1, 0});
            shorts(data, 8, 9);
            data.putInt('é').putInt(0x1F600).putInt(0);
            data.put("ab\0\0".getBytes(StandardCharsets.US_ASCII));
            data.putLong(-1).putLong(-1);
        });

        assertThat(columns(file))
                .containsExactly("größe", "ok", "pos.x", "pos.y", "v.0", "v.1", "name", "tag", "day", "at");
        assertThat(rows(file)).containsExactly("1.5,true,7,256,8,9,é😀,ab,d-86400000000,t-1");
    }

    @Test
    void notATimeIsNull() throws IOException {
        byte[] file = npy(
                1, "<M8[s]", "(2,)", false, data -> data.putLong(Long.MIN_VALUE).putLong(2));
        assertThat(rows(file)).containsExactly("", "t2000000");
    }

    @Test
    void anArrayWithoutRowsHasColumnsAllTheSame() throws IOException {
        byte[] file = npy(1, "<f8", "(0, 2)", false, data -> {});
        assertThat(columns(file)).hasSize(2);
        assertThat(rows(file)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void namesTheByteWhereDataEndsTooEarly(boolean fortran) {
        byte[] whole = npy(1, "<f8", "(100, 3)", false, fortran, data -> data.position(2400));
        byte[] cut = Arrays.copyOf(whole, 1000);
        assertThatThrownBy(() -> rows(cut))
                .isInstanceOf(FormatException.class)
                .hasMessage("x.npy, byte 1000: the array of 100 rows needs " + whole.length
                        + " bytes and the file ends here; it was cut off: write or upload it again");
    }

    @Test
    void refusesASecondArrayInTheFile() throws IOException {
        byte[] one = npy(1, "<f8", "(1,)", false, data -> data.putDouble(1));
        var two = new ByteArrayOutputStream();
        two.writeBytes(one);
        two.writeBytes(one);
        assertThatThrownBy(() -> rows(two.toByteArray()))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("x.npy, byte " + one.length + ": ")
                .hasMessageContaining("write one array to a file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'|O'    | (1,)      | pickled Python object",
                "<c16    | (1,)      | is not a number, boolean, string or time",
                "<f16    | (1,)      | width that is not supported",
                "f8      | (1,)      | names no byte order",
                "<f8     | (1        | unexpected '}'",
                "<f8     | (-1,)     | negative axis",
                "<f8     | (1, 9999999999) | makes more than"
            })
    void saysWhichTypeOrShapeItCannotRead(String type, String shape, String why) {
        byte[] file = npy(1, type, shape, false, data -> data.position(64));
        assertThatThrownBy(() -> rows(file))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("x.npy, byte 10: ")
                .hasMessageContaining(why)
                .hasMessageContaining("numpy.save");
    }

    @Test
    void namesAHeaderThatIsCutOff() {
        byte[] file = Arrays.copyOf(npy(1, "<f8", "(1,)", false, data -> data.putDouble(1)), 20);
        assertThatThrownBy(() -> rows(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("ends inside its header");
    }

    private static byte[] npy(int version, String type, String shape, boolean big, Consumer<ByteBuffer> data) {
        return file(version, "'" + type + "'", shape, big, false, data);
    }

    private static byte[] npy(
            int version, String type, String shape, boolean big, boolean fortran, Consumer<ByteBuffer> data) {
        return file(version, "'" + type + "'", shape, big, fortran, data);
    }

    private static byte[] structured(String descr, int rows, Consumer<ByteBuffer> data) {
        return file(3, descr, "(" + rows + ",)", false, false, data);
    }

    private static byte[] file(
            int version, String descr, String shape, boolean big, boolean fortran, Consumer<ByteBuffer> data) {
        var header = new StringBuilder("{'descr': " + descr + ", 'fortran_order': " + (fortran ? "True" : "False")
                + ", 'shape': " + shape + ", }");
        while ((header.length() + (version == 1 ? 11 : 13)) % 64 != 0) {
            header.append(' ');
        }
        byte[] text = header.append('\n')
                .toString()
                .getBytes(version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
        var file = ByteBuffer.allocate(8192).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) version)
                .put((byte) 0);
        if (version == 1) {
            file.putShort((short) text.length);
        } else {
            file.putInt(text.length);
        }
        file.put(text);
        ByteBuffer body = ByteBuffer.allocate(4096).order(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        data.accept(body);
        file.put(body.flip());
        return Arrays.copyOf(file.array(), file.position());
    }

    private static void put(ByteBuffer data, long value, int size) {
        switch (size) {
            case 1 -> data.put((byte) value);
            case 2 -> data.putShort((short) value);
            case 4 -> data.putInt((int) value);
            default -> data.putLong(value);
        }
    }

    private static void shorts(ByteBuffer data, int... values) {
        for (int value : values) {
            data.putShort((short) value);
        }
    }

    private static List<String> columns(byte[] file) throws IOException {
        try (NpyReader reader = NpyReader.open(ByteSource.of("x.npy", file))) {
            return reader.columns();
        }
    }

    private static List<String> rows(byte[] file) throws IOException {
        var rows = new ArrayList<String>();
        try (NpyReader reader = NpyReader.open(ByteSource.of("x.npy", file))) {
            for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
                for (int row = 0; row < batch.rows(); row++) {
                    var cells = new ArrayList<String>();
                    for (int column = 0; column < batch.columns(); column++) {
                        cells.add(cell(batch.vector(column), row));
                    }
                    rows.add(String.join(",", cells));
                }
            }
        }
        return rows;
    }

    private static String cell(ColumnVector vector, int row) {
        return switch (vector) {
            case ColumnVector.Texts texts ->
                new String(texts.buffer(), texts.starts()[row], texts.lengths()[row], StandardCharsets.UTF_8);
            case ColumnVector.Doubles doubles -> Double.toString(doubles.values()[row]);
            case ColumnVector.Longs longs -> {
                if (longs.nulls() != null && longs.nulls()[row]) {
                    yield "";
                }
                long value = longs.values()[row];
                yield longs.type() == ColumnType.BOOLEAN
                        ? Boolean.toString(value == 1)
                        : (longs.type() == ColumnType.DATE ? "d" : longs.type() == ColumnType.TIMESTAMP ? "t" : "")
                                + value;
            }
        };
    }
}
