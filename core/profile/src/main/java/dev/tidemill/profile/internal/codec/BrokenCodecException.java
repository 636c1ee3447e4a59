package dev.tidemill.profile.internal.codec;

import java.io.IOException;

/** Compressed data that cannot be read on, and the byte of the compressed file where that was seen. */
public final class BrokenCodecException extends IOException {

    private static final long serialVersionUID = 1L;

    private final long position;

    public BrokenCodecException(long position, String problem) {
        super(problem);
        this.position = position;
    }

    public BrokenCodecException(long position, String problem, Throwable cause) {
        super(problem, cause);
        this.position = position;
    }

    /** Offset in the compressed file, from 0. */
    public long position() {
        return position;
    }
}
