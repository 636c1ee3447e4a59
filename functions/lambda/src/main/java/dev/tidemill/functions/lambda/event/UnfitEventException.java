package dev.tidemill.functions.lambda.event;

/** The request cannot be made into what the handler takes; it will be so however often it is sent. */
public final class UnfitEventException extends RuntimeException {
    UnfitEventException(String message) {
        super(message);
    }
}
