package dev.tidemill.dataflow.internal.inventory;

/** A listing cannot be trusted, or shows what must not be there; nothing was committed from it. */
public final class ListingException extends RuntimeException {

    private final String reason;

    ListingException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** For the condition. */
    public String reason() {
        return reason;
    }
}
