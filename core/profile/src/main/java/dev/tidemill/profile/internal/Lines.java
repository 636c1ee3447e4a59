package dev.tidemill.profile.internal;

import dev.tidemill.profile.ByteSource;
import dev.tidemill.profile.FormatException;
import java.io.IOException;
import java.io.InputStream;

/** Line numbers for messages. They are counted only when something is wrong, by reading the source again up to there. */
public final class Lines {
    private Lines() {}

    /** The error, with the line (from 1) that the byte lies on; LF, CRLF and a lone CR end a line. */
    public static FormatException error(ByteSource source, long byteOffset, String problem) throws IOException {
        long line = 1;
        try (InputStream in = source.open(0)) {
            byte[] buffer = new byte[1 << 16];
            long left = byteOffset;
            boolean afterReturn = false;
            while (left > 0) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (n < 0) {
                    break;
                }
                for (int i = 0; i < n; i++) {
                    byte b = buffer[i];
                    line += b == '\r' || (b == '\n' && !afterReturn) ? 1 : 0;
                    afterReturn = b == '\r';
                }
                left -= n;
            }
        }
        return new FormatException(source.name(), line, byteOffset, problem);
    }
}
