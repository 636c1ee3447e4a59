package dev.tidemill.functions.gate;

/** What becomes of a request. */
sealed interface Verdict {

    /**
     * It goes to the function.
     *
     * @param caller who sent it
     * @param uri as the function sees it
     */
    record Admitted(String caller, String uri) implements Verdict {}

    /**
     * Nobody that is known: 401.
     *
     * @param error as RFC 6750 has it; empty where no credential was given at all
     */
    record Unauthenticated(String error, String why) implements Verdict {}

    /** Somebody that is known and may not: 403. */
    record Forbidden(String subject) implements Verdict {}

    /** Nobody can be told from anybody, because the keys are out of reach: 503, and nothing passes. */
    record Unavailable(String why) implements Verdict {}
}
