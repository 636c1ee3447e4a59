package dev.tidemill.dataflow;

/**
 * Every step at which the process may die and be started again. The fault tests go through all of them; one that was never passed
 * fails them.
 */
enum KillPoint {
    OWNER_WRITTEN,
    LEASE_TAKEN,
    GARBAGE_SWEPT,
    INVENTORY_PAGE,
    INVENTORY_CHECKPOINT,
    INVENTORY_DONE,
    PLAN_SEGMENT_WRITTEN,
    PLAN_CREATED,
    BEFORE_CALL,
    AFTER_REPLY,
    BEFORE_STALENESS_CHECK,
    OUTPUT_WRITTEN,
    PART_WRITTEN,
    FAILURE_WRITTEN,
    DISPATCH_DONE,
    COMBINE_LEVEL_DONE,
    SEGMENTS_WRITTEN,
    MANIFEST_WRITTEN,
    COMMITTED,
    VIEW_PUBLISHED,
    LEASE_RELEASED
}
