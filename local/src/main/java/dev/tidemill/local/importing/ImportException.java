package dev.tidemill.local.importing;

import java.io.Serial;

/** The input cannot be imported at all; the message names file and line, and says what to change. */
public final class ImportException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    ImportException(String message) {
        super(message);
    }
}
