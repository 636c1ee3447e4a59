package dev.tidemill.functions.model.event;

import java.io.Serial;

/** A row of an object does not fit the model, however often it is tried. */
final class BadRowException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final String object;
    private final long record;
    private final boolean whole;
    private final String problem;

    /**
     * @param record counted from 1
     * @param whole whether it is counted from the object's beginning, not from that of a range
     */
    BadRowException(String object, long record, boolean whole, String problem) {
        super("record %d%s: %s".formatted(record, whole ? "" : " of the range", problem));
        this.object = object;
        this.record = record;
        this.whole = whole;
        this.problem = problem;
    }

    /** The same, where so many records come before the first one that was counted. */
    BadRowException after(long records) {
        return new BadRowException(object, records + record, whole, problem);
    }

    String object() {
        return object;
    }
}
