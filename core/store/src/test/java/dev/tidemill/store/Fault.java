package dev.tidemill.store;

/** What happens to one operation on the store. */
public sealed interface Fault {

    /** It works. */
    record None() implements Fault {}

    /** {@link StoreException.Unavailable}, and nothing was done. */
    record FailBefore() implements Fault {}

    /** {@link StoreException.Unavailable}, although it was done. */
    record LoseReply() implements Fault {}

    /**
     * A read sees the store as it was that many writes ago; of a write it means nothing.
     *
     * @param writes one or more
     */
    record Stale(int writes) implements Fault {}

    /** The process dies, with the operation done or not; every later operation of this client dies too. */
    record Kill(boolean afterEffect) implements Fault {}

    Fault NONE = new None();
    Fault FAIL_BEFORE = new FailBefore();
    Fault LOSE_REPLY = new LoseReply();
    Fault KILL_BEFORE = new Kill(false);
    Fault KILL_AFTER = new Kill(true);
}
