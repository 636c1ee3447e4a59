package dev.tidemill.profile.internal.parquet;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** Thrift's compact protocol, in which Parquet's footer and page headers are written. No length in it is believed that goes beyond its bytes. */
final class Thrift {

    static final int TRUE = 1;
    static final int FALSE = 2;
    static final int BYTE = 3;
    static final int INT16 = 4;
    static final int INT32 = 5;
    static final int INT64 = 6;
    static final int STRUCT = 12;

    /** Structs in structs: Parquet's are no deeper. */
    private static final int DEEPEST = 16;

    private Thrift() {}

    /**
     * Goes over a struct.
     *
     * @throws IOException if it is none
     * @throws BufferUnderflowException if the buffer ends in it
     */
    static void skipStruct(ByteBuffer in) throws IOException {
        skip(in, STRUCT, 0);
    }

    /** Goes over a value of a type, {@code depth} structs deep. */
    static void skip(ByteBuffer in, int type, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw broken();
        }
        switch (type) {
            case TRUE, FALSE -> {}
            case BYTE -> pass(in, 1);
            case INT16, INT32, INT64 -> varint(in);
            case 7 -> pass(in, Double.BYTES);
            case 8 -> pass(in, varint(in));
            case 9, 10 -> skipList(in, depth);
            case STRUCT -> {
                for (int head = in.get() & 0xff; head != 0; head = in.get() & 0xff) {
                    if (head >>> 4 == 0) {
                        varint(in);
                    }
                    skip(in, head & 0xf, depth + 1);
                }
            }
            default -> throw broken();
        }
    }

    private static void skipList(ByteBuffer in, int depth) throws IOException {
        int head = in.get() & 0xff;
        long size = head >>> 4 == 15 ? varint(in) : head >>> 4;
        if (size < 0 || size > in.remaining()) {
            throw broken();
        }
        for (long i = 0; i < size; i++) {
            // true and false have a byte of their own here
            skip(in, Math.max(BYTE, head & 0xf), depth + 1);
        }
    }

    private static void pass(ByteBuffer in, long bytes) throws IOException {
        if (bytes < 0) {
            throw broken();
        }
        if (bytes > in.remaining()) {
            throw new BufferUnderflowException();
        }
        in.position(in.position() + (int) bytes);
    }

    static long zigzag(ByteBuffer in) throws IOException {
        long value = varint(in);
        return value >>> 1 ^ -(value & 1);
    }

    static long varint(ByteBuffer in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw broken();
    }

    private static IOException broken() {
        return new IOException("what stands there is not Thrift");
    }
}
