package dev.tidemill.local;

import java.io.Serial;

/** The command cannot do what it was asked to; the message says what to change. */
final class UsageException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
