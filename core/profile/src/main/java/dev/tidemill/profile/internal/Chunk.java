package dev.tidemill.profile.internal;

/**
 * Whole records in one buffer: {@code bytes[from..to)}, readable for {@link Batch#SLACK} bytes beyond. Owned by the thread that
 * filled it.
 */
public final class Chunk {
    public byte[] bytes = new byte[0];
    public int from;
    public int to;
    /** Where {@code bytes[0]} lies in the source. */
    public long base;

    /** Where {@code bytes[at]} lies in the source. */
    public long position(int at) {
        return base + at;
    }
}
