package dev.tidemill.dataflow;

/** Told of each {@link KillPoint} that is passed. In production it does nothing; a test lets the process die there. */
@FunctionalInterface
interface KillSwitch {

    void at(KillPoint point);

    KillSwitch NEVER = _ -> {};
}
