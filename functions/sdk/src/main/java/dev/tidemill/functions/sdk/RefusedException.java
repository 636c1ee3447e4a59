package dev.tidemill.functions.sdk;

import dev.tidemill.api.FailureData;
import java.io.Serial;

/** This input will fail however often it is tried; the message says what to do about it. */
public final class RefusedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final transient FailureData failure;

    /** @param reason one CamelCase word */
    public RefusedException(String reason, String message) {
        super(message);
        this.failure = new FailureData(reason, message, null, null, null);
    }

    /** With what is known of the place. */
    public RefusedException(FailureData failure) {
        super(failure.message());
        this.failure = failure;
    }

    FailureData failure() {
        return failure;
    }
}
