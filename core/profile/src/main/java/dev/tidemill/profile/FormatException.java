package dev.tidemill.profile;

import java.io.IOException;
import java.io.Serial;

/**
 * The bytes are not what the format says. The message names object, line, byte and remedy: {@code orders.csv, line 812, byte
 * 40961: quote opened here is never closed}. Reading them again gives the same answer.
 */
public final class FormatException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    private final String object;
    private final long line;
    private final long byteOffset;
    private final String problem;

    /**
     * @param object the source's name
     * @param line counted from 1, or -1 where the format has no lines
     * @param byteOffset counted from 0, or -1 where it is not known
     * @param problem what is wrong and what to do about it
     */
    public FormatException(String object, long line, long byteOffset, String problem) {
        super(object
                + (line < 0 ? "" : ", line " + line)
                + (byteOffset < 0 ? "" : ", byte " + byteOffset)
                + ": "
                + problem);
        this.object = object;
        this.line = line;
        this.byteOffset = byteOffset;
        this.problem = problem;
    }

    public String object() {
        return object;
    }

    public long line() {
        return line;
    }

    public long byteOffset() {
        return byteOffset;
    }

    public String problem() {
        return problem;
    }
}
