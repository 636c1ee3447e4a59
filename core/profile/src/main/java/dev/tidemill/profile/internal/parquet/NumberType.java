package dev.tidemill.profile.internal.parquet;

import java.nio.ByteBuffer;

/** How a number is laid down in a plain page, little-endian (Parquet's Encodings.md, PLAIN), and which float32 it is. */
enum NumberType {
    FLOAT(Float.BYTES) {
        @Override
        void read(ByteBuffer data, int from, int count, float[] into, int at, int stride) {
            for (int i = 0; i < count; i++) {
                into[at + i * stride] = data.getFloat(from + i * Float.BYTES);
            }
        }
    },
    DOUBLE(Double.BYTES) {
        @Override
        void read(ByteBuffer data, int from, int count, float[] into, int at, int stride) {
            for (int i = 0; i < count; i++) {
                into[at + i * stride] = (float) data.getDouble(from + i * Double.BYTES);
            }
        }
    },
    INT32(Integer.BYTES) {
        @Override
        void read(ByteBuffer data, int from, int count, float[] into, int at, int stride) {
            for (int i = 0; i < count; i++) {
                into[at + i * stride] = data.getInt(from + i * Integer.BYTES);
            }
        }
    },
    UINT32(Integer.BYTES) {
        @Override
        void read(ByteBuffer data, int from, int count, float[] into, int at, int stride) {
            for (int i = 0; i < count; i++) {
                into[at + i * stride] = data.getInt(from + i * Integer.BYTES) & 0xffff_ffffL;
            }
        }
    },
    /** Rounded to a double first, as every number of a record is. */
    INT64(Long.BYTES) {
        @Override
        void read(ByteBuffer data, int from, int count, float[] into, int at, int stride) {
            for (int i = 0; i < count; i++) {
                into[at + i * stride] = (float) (double) data.getLong(from + i * Long.BYTES);
            }
        }
    };

    private final int bytes;

    NumberType(int bytes) {
        this.bytes = bytes;
    }

    int bytes() {
        return bytes;
    }

    /** Puts some values from byte {@code from} on into an array, {@code stride} apart. */
    abstract void read(ByteBuffer data, int from, int count, float[] into, int at, int stride);
}
