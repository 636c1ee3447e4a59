package dev.tidemill.dataflow;

import dev.tidemill.api.DatasetStatus;

/** Where a Dataset's status is written. Called by one thread, and only when the status differs from the one before. */
@FunctionalInterface
public interface StatusSink {

    void update(DatasetRef dataset, DatasetStatus status);
}
