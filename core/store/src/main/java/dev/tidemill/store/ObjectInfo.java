package dev.tidemill.store;

import java.time.Instant;

/**
 * An object as the store lists it.
 *
 * @param etag without quotes
 * @param size in bytes
 */
public record ObjectInfo(String key, String etag, long size, Instant lastModified) {}
