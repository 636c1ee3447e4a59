package dev.tidemill.store;

/** What must be true of a key at the moment it is written. */
public sealed interface Precondition {

    /** Nothing: the last writer wins. */
    record None() implements Precondition {}

    /** {@code If-None-Match: *}: there is no object of that key. */
    record Absent() implements Precondition {}

    /** {@code If-Match}: the object still has this ETag. */
    record Match(String etag) implements Precondition {}

    Precondition NONE = new None();
    Precondition ABSENT = new Absent();
}
