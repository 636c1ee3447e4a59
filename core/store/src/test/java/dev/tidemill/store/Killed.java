package dev.tidemill.store;

/** The process is gone. An {@link Error}, so that no {@code catch} of the code under test keeps it alive. */
public final class Killed extends Error {

    Killed(Operation operation) {
        super("killed at " + operation, null, false, false);
    }
}
