package dev.tidemill.dataflow;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides how many calls a function may get at all, from how the last ones ended. Open: as many as there are permits. Probing:
 * one at a time, after {@code pauseAfter} failures without a success or while no pod can be had. Shut: none any more, because
 * probes failed too.
 */
final class Gate {

    private final RetryPolicy policy;
    private int failuresInARow;
    private int failedProbes;
    private int waits;
    private boolean probeInFlight;
    private Instant quietUntil = Instant.MIN;
    private String lastTrouble = "";

    Gate(RetryPolicy policy) {
        this.policy = policy;
    }

    boolean admits(int inFlight, Instant now) {
        return !shut() && !now.isBefore(quietUntil) && (inFlight == 0 || !probing());
    }

    boolean shut() {
        return failedProbes >= policy.probes();
    }

    /** How many calls in a row said nothing but that it is too early: probes that failed or found no capacity. */
    int patience() {
        return Math.max(failedProbes, waits);
    }

    /** Before this nothing is started. */
    Instant quietUntil() {
        return quietUntil;
    }

    void started() {
        probeInFlight = probing();
    }

    void succeeded() {
        failuresInARow = 0;
        failedProbes = 0;
        waits = 0;
    }

    /** @return whether the next call is a probe, before which a pause is due */
    boolean failed(String trouble) {
        failuresInARow++;
        // Of a hundred calls that were in flight together, those beyond the first twenty were no probes.
        failedProbes += probeInFlight ? 1 : 0;
        waits = 0;
        lastTrouble = trouble;
        return probing();
    }

    void foundNoCapacity(String message) {
        waits++;
        lastTrouble = message;
    }

    /** Nothing more until then: a service that asks for silence asks it of all its callers (RFC 9110, 10.2.3). */
    void quiet(Instant until) {
        if (until.isAfter(quietUntil)) {
            quietUntil = until;
        }
    }

    /** What holds the dispatch up, or null when nothing does. */
    @Nullable
    Hold hold(Instant now) {
        if (waits > 0) {
            return new Hold("WaitingForCapacity", "no pod of the function can be had yet: " + lastTrouble, quietUntil);
        }
        if (probing()) {
            String message = failuresInARow + " calls failed without one success, the last: " + lastTrouble;
            return new Hold("FunctionFailing", message, quietUntil);
        }
        return now.isBefore(quietUntil) ? new Hold("AskedToWait", lastTrouble, quietUntil) : null;
    }

    /** Whether only one call at a time is admitted. */
    boolean probing() {
        return waits > 0 || failuresInARow >= policy.pauseAfter();
    }

    /**
     * Why a dispatch goes slowly or ended early.
     *
     * @param reason {@code WaitingForCapacity}, {@code FunctionFailing} or {@code AskedToWait}
     * @param until before this no call makes sense
     */
    record Hold(String reason, String message, Instant until) {}
}
