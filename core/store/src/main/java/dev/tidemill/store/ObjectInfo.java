package dev.tidemill.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * An object as the store lists it. The same object is equal however it was asked for: quotes around the ETag are dropped,
 * and the time is cut to the second, since a listing tells milliseconds and a HEAD does not.
 *
 * @param etag without quotes
 * @param size in bytes
 * @param lastModified whole seconds
 */
public record ObjectInfo(String key, String etag, long size, Instant lastModified) {

    public ObjectInfo {
        etag = unquoted(etag);
        lastModified = lastModified.truncatedTo(ChronoUnit.SECONDS);
    }

    static String unquoted(String etag) {
        String bare = etag.startsWith("W/") ? etag.substring(2) : etag;
        return bare.length() >= 2 && bare.startsWith("\"") && bare.endsWith("\"")
                ? bare.substring(1, bare.length() - 1)
                : bare;
    }
}
