package dev.tidemill.dataflow;

import org.jspecify.annotations.Nullable;

/**
 * What one run of the {@link Dispatcher} did.
 *
 * @param written parts that exist now
 * @param failed items given up, in the objects that stand behind them
 * @param stale replies dropped because their input had changed
 * @param retried calls that failed and were or will be repeated
 * @param calls requests sent
 * @param more whether work is left that was not started, or is to be tried again
 * @param hold why it ended early or slowly, or null; with {@code more} its {@code until} says when to come back
 */
record DispatchReport(
        long written, long failed, long stale, long retried, long calls, boolean more, Gate.@Nullable Hold hold) {}
