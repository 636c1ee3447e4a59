package dev.tidemill.profile.internal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds a {@link ColumnVector.Texts} of declared strings, value by value; rows that get none are null. */
public final class TextBuffer {

    private final int[] starts;
    private final int[] lengths;
    private byte[] buffer;
    private int size;
    private int bits;

    /** For {@code rows} values that need about {@code bytes} bytes. */
    public TextBuffer(int rows, int bytes) {
        starts = new int[rows];
        lengths = new int[rows];
        Arrays.fill(lengths, -1);
        buffer = new byte[bytes + Batch.SLACK];
    }

    public void add(int row, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        add(row, bytes, 0, bytes.length);
    }

    /** UTF-8. */
    public void add(int row, byte[] text, int from, int length) {
        if (buffer.length - Batch.SLACK - size < length) {
            buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, size + length + Batch.SLACK));
        }
        System.arraycopy(text, from, buffer, size, length);
        starts[row] = size;
        lengths[row] = length;
        for (int i = from; i < from + length; i++) {
            bits |= text[i];
        }
        size += length;
    }

    public ColumnVector.Texts vector() {
        return new ColumnVector.Texts(buffer, starts, lengths, ColumnVector.Inference.NONE, bits >= 0);
    }
}
