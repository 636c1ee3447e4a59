package dev.tidemill.profile.internal;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The {@link FloatColumns} of a batch as rows of float32. */
@FunctionalInterface
public interface FloatRows {

    /**
     * Writes some rows, little-endian, at the buffer's position, which moves on.
     *
     * @param into in little-endian order
     * @param from first row
     * @throws IOException if the rows are damaged, of which some formats tell only now
     */
    void write(ByteBuffer into, int from, int rows) throws IOException;

    /** Rows that lie one behind the other, {@code width} numbers each. */
    static FloatRows of(float[] floats, int width) {
        return (into, from, rows) -> put(floats, from * width, rows * width, into);
    }

    /** Copies numbers to the buffer's position, which moves on. */
    static void put(float[] floats, int from, int count, ByteBuffer into) {
        into.asFloatBuffer().put(floats, from, count);
        into.position(into.position() + count * Float.BYTES);
    }
}
