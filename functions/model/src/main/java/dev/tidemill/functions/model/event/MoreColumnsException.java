package dev.tidemill.functions.model.event;

import java.io.Serial;

/** An object has columns that its first records do not have. */
final class MoreColumnsException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;
}
