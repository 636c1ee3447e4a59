package dev.tidemill.learn;

import java.io.Serial;

/** Nothing can be learned this way, however often it is tried; the reason is one word in CamelCase. */
public final class LearnException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final String reason;

    public LearnException(String reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
