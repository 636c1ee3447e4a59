package dev.tidemill.profile.internal.parquet;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What stands before a page (parquet.thrift, PageHeader), in Thrift's compact protocol.
 *
 * @param stored bytes of the page in the file
 * @param size bytes of the page when it is unpacked
 * @param crc of the bytes in the file
 * @param values in the page, nulls among them
 * @param levels bytes of the levels before the values, which are never packed; a first version's page tells them itself
 * @param packed whether the values are
 */
record PageHeader(
        Type type,
        int stored,
        int size,
        @Nullable Integer crc,
        int values,
        Encoding encoding,
        int levels,
        boolean packed) {

    enum Type {
        DATA,
        INDEX,
        DICTIONARY,
        DATA_V2
    }

    enum Encoding {
        PLAIN,
        DICTIONARY,
        OTHER
    }

    /** In bytes: what is longer is none. */
    static final int LONGEST = 64 << 10;

    /** One more than the greatest number of a field, here and in the structs of data pages and dictionary pages. */
    private static final int FIELDS = 9;

    private static final int STRUCTS = FIELDS * FIELDS;

    /**
     * Reads a header at the buffer's position, which moves behind it.
     *
     * @throws IOException if it is none
     * @throws BufferUnderflowException if the buffer ends in it
     */
    static PageHeader read(ByteBuffer in) throws IOException {
        Fields fields = new Fields();
        fields.struct(in, 0);
        int type = fields.get(1, -1);
        if (type < 0 || type >= Type.values().length || fields.get(2, -1) < 0 || fields.get(3, -1) < 0) {
            throw none();
        }
        Type page = Type.values()[type];
        int own = FIELDS
                * switch (page) {
                    case DATA -> 5;
                    case INDEX -> 6;
                    case DICTIONARY -> 7;
                    case DATA_V2 -> 8;
                };
        boolean second = page == Type.DATA_V2;
        int values = fields.get(own + 1, page == Type.INDEX ? 0 : -1);
        long levels = second ? (long) fields.get(own + 5, 0) + fields.get(own + 6, 0) : 0;
        if (values < 0 || levels < 0 || levels > Math.min(fields.get(2, 0), fields.get(3, 0))) {
            throw new IOException("the page header has %d values and %d bytes of levels".formatted(values, levels));
        }
        return new PageHeader(
                page,
                fields.get(3, 0),
                fields.get(2, 0),
                fields.known[4] ? fields.get(4, 0) : null,
                values,
                switch (fields.get(own + (second ? 4 : 2), -1)) {
                    case 0 -> Encoding.PLAIN;
                    case 2, 8 -> Encoding.DICTIONARY;
                    default -> Encoding.OTHER;
                },
                (int) levels,
                fields.get(own + 7, 1) != 0);
    }

    private static IOException none() {
        return new IOException("there is no page header");
    }

    /** The whole numbers of a struct by the number of their field; of a struct in it behind nine times that struct's. */
    private static final class Fields {
        private final long[] values = new long[STRUCTS];
        private final boolean[] known = new boolean[STRUCTS];

        int get(int field, int otherwise) {
            return known[field] ? Math.clamp(values[field], Integer.MIN_VALUE, Integer.MAX_VALUE) : otherwise;
        }

        /** @param base where its fields go, or 0 for the header itself */
        private void struct(ByteBuffer in, int base) throws IOException {
            int field = 0;
            for (int head = in.get() & 0xff; head != 0; head = in.get() & 0xff) {
                field = head >>> 4 == 0 ? (int) Thrift.zigzag(in) : field + (head >>> 4);
                int type = head & 0xf;
                if (field <= 0 || field >= FIELDS) {
                    Thrift.skip(in, type, 1);
                } else if (type == Thrift.STRUCT && base == 0) {
                    struct(in, FIELDS * field);
                } else {
                    value(in, type, base + field);
                }
            }
        }

        private void value(ByteBuffer in, int type, int at) throws IOException {
            switch (type) {
                case Thrift.TRUE -> keep(at, 1);
                case Thrift.FALSE -> keep(at, 0);
                // A number of another width is none: hardwood takes it so.
                case Thrift.INT32 -> keep(at, Thrift.zigzag(in));
                default -> Thrift.skip(in, type, 1);
            }
        }

        private void keep(int at, long value) {
            values[at] = value;
            known[at] = true;
        }
    }
}
