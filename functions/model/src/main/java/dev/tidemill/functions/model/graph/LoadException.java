package dev.tidemill.functions.model.graph;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A model that cannot be served. */
public final class LoadException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final String reason;

    /**
     * @param reason one CamelCase word, for a status
     * @param message what is wrong and what to do
     */
    public LoadException(String reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public LoadException(String reason, String message) {
        this(reason, message, null);
    }

    public String reason() {
        return reason;
    }
}
