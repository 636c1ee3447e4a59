package dev.tidemill.profile.internal.npy;

import java.io.IOException;

/** An array that cannot be read, the byte of the file that says so, and what its owner can do. */
public final class NpyException extends IOException {

    private static final long serialVersionUID = 1L;

    private final long position;
    private final String remedy;

    public NpyException(long position, String problem, String remedy) {
        super(problem);
        this.position = position;
        this.remedy = remedy;
    }

    /** Offset in the file, from 0. */
    public long position() {
        return position;
    }

    public String remedy() {
        return remedy;
    }
}
