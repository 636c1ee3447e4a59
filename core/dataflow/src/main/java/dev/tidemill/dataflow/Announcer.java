package dev.tidemill.dataflow;

/** Sends events to the namespace's broker. Safe for concurrent use. */
@FunctionalInterface
public interface Announcer {

    /**
     * Sends one event; the driver repeats it, with the same id, until this returns.
     *
     * @throws Exception when it was not, or may not have been, accepted
     */
    void announce(String namespace, FunctionClient.Event event) throws Exception;
}
