package dev.tidemill.profile.internal.npy;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What an NPY file (versions 1 to 3, numpy.lib.format) holds after its header, seen as a table: the first axis counts the rows, all
 * others are columns, {@code column0}, {@code column1}, … or as the fields of a structured type are named.
 *
 * @param rows length of the first axis; 1 for a scalar
 * @param fields the columns, in file order
 * @param rowBytes bytes of a row, padding included
 * @param byColumn true where the file holds one whole column after the other (Fortran order)
 * @param dataOffset first byte of the data
 */
public record NpyHeader(long rows, List<NpyField> fields, int rowBytes, boolean byColumn, int dataOffset) {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int MAX_HEADER = 1 << 24;
    private static final int MAX_COLUMNS = 1 << 20;
    private static final String SAVE_AGAIN = "write it with numpy.save(file, array, allow_pickle=False)";

    /** True where {@code head} begins with NPY's magic. */
    public static boolean isNpy(byte[] head) {
        return head.length >= MAGIC.length && Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /** Bytes of data that the header promises. */
    public long dataBytes() {
        return Math.multiplyExact(rows, (long) rowBytes);
    }

    /** Whether a row is nothing but little-endian float32. */
    boolean isFloatRows() {
        return !byColumn
                && rowBytes == Float.BYTES * fields.size()
                && fields.stream()
                        .allMatch(field -> field.kind() == NpyField.Kind.FLOAT
                                && field.size() == Float.BYTES
                                && field.order() == ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads the header from the start of a file and leaves {@code in} at the first byte of the data. */
    public static NpyHeader read(InputStream in) throws IOException {
        var data = new DataInputStream(in);
        try {
            byte[] preamble = data.readNBytes(8);
            if (!isNpy(preamble) || preamble.length < 8) {
                throw new NpyException(0, "there is no NPY header (magic \\x93NUMPY)", SAVE_AGAIN);
            }
            int version = preamble[6];
            if (version < 1 || version > 3) {
                throw new NpyException(6, "NPY version " + version + " is not known (1 to 3 are)", SAVE_AGAIN);
            }
            int lengthBytes = version == 1 ? 2 : 4;
            long length = 0;
            for (int i = 0; i < lengthBytes; i++) {
                length |= (long) data.readUnsignedByte() << (8 * i);
            }
            if (length > MAX_HEADER) {
                throw new NpyException(8, "the header claims to be " + length + " bytes long", SAVE_AGAIN);
            }
            byte[] header = new byte[(int) length];
            data.readFully(header);
            Charset charset = version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
            return table(new String(header, charset), 8 + lengthBytes, header.length);
        } catch (EOFException e) {
            var cut = new NpyException(8, "the file ends inside its header", "upload the whole file again");
            cut.initCause(e);
            throw cut;
        }
    }

    private static NpyHeader table(String text, int textOffset, int textLength) throws NpyException {
        try {
            if (!(PythonLiteral.parse(text.strip()) instanceof Map<?, ?> header)
                    || !(header.get("shape") instanceof List<?> axes)
                    || !(header.get("fortran_order") instanceof Boolean fortran)
                    || header.get("descr") == null) {
                throw new IllegalArgumentException("descr, fortran_order or shape is missing");
            }
            List<Long> shape = axes.stream().map(Long.class::cast).toList();
            if (shape.stream().anyMatch(n -> n < 0)) {
                throw new IllegalArgumentException("shape " + shape + " has a negative axis");
            }
            return table(header.get("descr"), shape, fortran, textOffset + textLength);
        } catch (IllegalArgumentException | ArithmeticException | ClassCastException e) {
            var wrong =
                    new NpyException(textOffset, "the array cannot be read as a table: " + e.getMessage(), SAVE_AGAIN);
            wrong.initCause(e);
            throw wrong;
        }
    }

    private static NpyHeader table(Object descr, List<Long> shape, boolean fortran, int dataOffset) {
        var element = new ArrayList<NpyField>();
        int elementBytes = flatten("", descr, 0, element);
        boolean named = descr instanceof List<?>;
        long rows = shape.isEmpty() ? 1 : shape.getFirst();
        List<Long> inner = shape.isEmpty() ? List.of() : shape.subList(1, shape.size());
        boolean byColumn = fortran && shape.size() > 1;
        if (byColumn && shape.size() > 2) {
            throw new IllegalArgumentException("in Fortran order an array of " + shape.size()
                    + " axes has no rows in the file (use numpy.ascontiguousarray)");
        }
        if (byColumn && named) {
            throw new IllegalArgumentException(
                    "a structured type in Fortran order has no rows in the file (use numpy.ascontiguousarray)");
        }
        var columns = new ArrayList<NpyField>();
        int offset = 0;
        for (String index : indices(inner, Math.max(1, element.size()))) {
            for (NpyField field : element) {
                String name = named
                        ? field.name() + (index.isEmpty() ? "" : "." + index)
                        : "column" + (index.isEmpty() ? "0" : index);
                columns.add(new NpyField(
                        name, field.kind(), offset + field.offset(), field.size(), field.order(), field.unit()));
            }
            offset = Math.addExact(offset, elementBytes);
        }
        Math.multiplyExact(rows, (long) offset);
        return new NpyHeader(rows, List.copyOf(columns), offset, byColumn, dataOffset);
    }

    /** Adds the scalar fields of a type and returns its size; padding ({@code ('', '|V4')}) has a size and no field. */
    private static int flatten(String name, Object descr, int offset, List<NpyField> into) {
        if (descr instanceof String type) {
            if (type.startsWith("|V")) {
                if (!name.isEmpty()) {
                    throw new IllegalArgumentException("field '" + name + "' is raw bytes (" + type + ")");
                }
                return Integer.parseUnsignedInt(type.substring(2));
            }
            NpyField field = NpyField.of(name, type, offset);
            into.add(field);
            return field.size();
        }
        int size = 0;
        for (Object item : (List<?>) descr) {
            var field = (List<?>) item;
            // a field may be ('name', type), ('name', type, shape) or (('title', 'name'), type)
            Object label = field.getFirst() instanceof List<?> titled ? titled.getLast() : field.getFirst();
            String path = name.isEmpty() ? (String) label : name + "." + label;
            List<Long> shape = field.size() < 3
                    ? List.of()
                    : ((List<?>) field.get(2)).stream().map(Long.class::cast).toList();
            for (String index : indices(shape, 1)) {
                String element = index.isEmpty() ? path : path + "." + index;
                size = Math.addExact(size, flatten(element, field.get(1), offset + size, into));
            }
        }
        return size;
    }

    /** The index of each element of an array in C order, joined by dots: (2, 2) → 0.0, 0.1, 1.0, 1.1; one empty string for (). */
    private static List<String> indices(List<Long> shape, int times) {
        long count = shape.stream().reduce(1L, Math::multiplyExact);
        if (Math.multiplyExact(count, (long) times) > MAX_COLUMNS) {
            throw new IllegalArgumentException(
                    "shape (rows, " + shape.stream().map(String::valueOf).collect(Collectors.joining(", "))
                            + ") makes more than " + MAX_COLUMNS + " columns");
        }
        List<String> names = List.of("");
        for (long axis : shape) {
            var next = new ArrayList<String>();
            for (String prefix : names) {
                for (long i = 0; i < axis; i++) {
                    next.add(prefix.isEmpty() ? Long.toString(i) : prefix + "." + i);
                }
            }
            names = next;
        }
        return names;
    }
}
