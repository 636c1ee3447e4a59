package dev.tidemill.dataflow;

/**
 * An object that was cut into several shards has changed. Some of its old records may be counted already, so that no shard alone can
 * be cut anew: the plan is dropped, and the finished parts of all other objects are found again by the next one.
 */
final class PlanOutdated extends RuntimeException {

    PlanOutdated(String object) {
        super(object + " changed while its records were being processed", null, false, false);
    }
}
