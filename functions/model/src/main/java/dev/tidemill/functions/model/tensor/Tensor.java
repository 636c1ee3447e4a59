package dev.tidemill.functions.model.tensor;

import dev.tidemill.api.ModelSpec.Datatype;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * One tensor.
 *
 * @param shape every dimension 0 or more
 * @param data the elements in row-major order from position 0 to the limit, little-endian; BOOL as one byte each, BYTES as a length of
 *     four bytes before each element, as the binary tensor extension has it
 */
public record Tensor(String name, Datatype datatype, long[] shape, ByteBuffer data) {

    public Tensor {
        data.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Bytes of one element; 0 for BYTES, whose elements differ. */
    public static int width(Datatype datatype) {
        return switch (datatype) {
            case BOOL, UINT8, INT8 -> 1;
            case UINT16, INT16, FP16, BF16 -> 2;
            case UINT32, INT32, FP32 -> 4;
            case UINT64, INT64, FP64 -> 8;
            case BYTES -> 0;
        };
    }

    /** @throws ArithmeticException if there are more than a long can count */
    public static long elements(long... shape) {
        long elements = 1;
        for (long dimension : shape) {
            elements = Math.multiplyExact(elements, dimension);
        }
        return elements;
    }

    public long elements() {
        return elements(shape);
    }

    /** The first dimension: how many rows a batch has. */
    public long rows() {
        return shape.length == 0 ? 1 : shape[0];
    }

    /** Memory for so many elements; a direct buffer, which native code reads where it lies. */
    public static ByteBuffer allocate(long bytes) {
        return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The same under another name. */
    public Tensor named(String other) {
        return new Tensor(other, datatype, shape, data);
    }

    /** A view of rows. */
    public Tensor slice(long fromRow, long count) {
        long[] part = shape.clone();
        part[0] = count;
        if (datatype == Datatype.BYTES) {
            long each = elements(shape) / Math.max(1, shape[0]);
            int from = skip(data, 0, fromRow * each);
            return new Tensor(name, datatype, part, data.slice(from, skip(data, from, count * each) - from));
        }
        int row = shape[0] == 0 ? 0 : (int) (data.limit() / shape[0]);
        return new Tensor(name, datatype, part, data.slice((int) (fromRow * row), (int) (count * row)));
    }

    /** Where the element begins that is so many behind the one at {@code from}. */
    private static int skip(ByteBuffer data, int from, long elements) {
        int at = from;
        for (long i = 0; i < elements; i++) {
            at += Integer.BYTES + data.getInt(at);
        }
        return at;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor that
                && name.equals(that.name)
                && datatype == that.datatype
                && Arrays.equals(shape, that.shape)
                && data.equals(that.data);
    }

    @Override
    public int hashCode() {
        return name.hashCode() * 31 + Arrays.hashCode(shape);
    }

    /** {@code x FP32 [2, 64]}. */
    @Override
    public String toString() {
        return name + " " + datatype + " " + Arrays.toString(shape);
    }
}
