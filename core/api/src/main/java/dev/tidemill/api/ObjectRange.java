package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of one object. A function that does not declare {@code ranges} always gets whole objects.
 *
 * @param etag of the version that is meant; read with {@code If-Match}
 * @param size of the whole object
 * @param offset the first byte, counted from 0
 * @param length at least 1, unless the object is empty
 * @param header the column names, in the object's own spelling, where the range does not begin with them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ObjectRange(
        String key,
        String etag,
        long size,
        long offset,
        long length,
        @Nullable String header) {

    public ObjectRange {
        if (offset < 0 || length < 0 || offset > size - length) {
            throw new IllegalArgumentException(
                    key + ": bytes " + offset + " to " + (offset + length) + " are not within " + size);
        }
    }

    /** All of an object. */
    public static ObjectRange whole(String key, String etag, long size) {
        return new ObjectRange(key, etag, size, 0, size, null);
    }

    /** Whether this is all of the object. */
    public boolean whole() {
        return offset == 0 && length == size;
    }
}
