package dev.tidemill.profile.internal.codec;

import java.io.IOException;
import java.io.InputStream;

/** How the bytes of a textual file are packed; told from its first bytes, never from its name. */
public enum Codec {
    NONE,
    GZIP,
    ZSTD;

    /** Bytes that {@link #of} wants to see. */
    public static final int MAGIC_BYTES = 4;

    /** The codec whose magic {@code head} begins with (RFC 1952 §2.3.1, RFC 8878 §3.1.1 and §3.1.2 for skippable frames). */
    public static Codec of(byte[] head) {
        if (head.length >= 3 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b && head[2] == 8) {
            return GZIP;
        }
        if (head.length >= MAGIC_BYTES) {
            int magic = (head[0] & 0xff) | (head[1] & 0xff) << 8 | (head[2] & 0xff) << 16 | (head[3] & 0xff) << 24;
            if (magic == 0xFD2FB528 || magic >>> 4 == 0x184D2A5) {
                return ZSTD;
            }
        }
        return NONE;
    }

    /**
     * The plain bytes of {@code in}, which stands at the start of the file. Damage and a missing end surface while reading as
     * {@link BrokenCodecException} with the byte of the compressed file; a missing end is never taken for the end of the data.
     */
    public InputStream unpack(InputStream in) throws IOException {
        return switch (this) {
            case NONE -> in;
            case GZIP -> new GzipStream(in);
            case ZSTD -> new ZstdStream(in);
        };
    }
}
