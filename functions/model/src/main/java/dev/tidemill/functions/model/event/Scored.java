package dev.tidemill.functions.model.event;

/**
 * What was written of a shard.
 *
 * @param head what goes before all rows
 */
record Scored(Encoding encoding, byte[] head) {}
