package dev.tidemill.dataflow;

import java.io.Serial;

/** A resource names something that is not there, or that cannot be used so: a condition's reason and message. */
public final class UnresolvedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final String reason;

    /** @param reason one CamelCase word */
    public UnresolvedException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
