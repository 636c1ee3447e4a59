package dev.tidemill.store;

/**
 * Decides, before each operation of one client, what becomes of it. Called on the caller's thread and outside every lock, so that
 * it may also hold the caller back until a schedule lets it go on.
 */
@FunctionalInterface
public interface Faults {

    Fault of(Operation operation);

    Faults NONE = operation -> Fault.NONE;

    /** Dies at the n-th operation, counted from 1. */
    static Faults killAt(int n, boolean afterEffect) {
        return operation -> operation.number() == n ? new Fault.Kill(afterEffect) : Fault.NONE;
    }
}
