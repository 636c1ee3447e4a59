package dev.tidemill.operator.store;

import dev.tidemill.api.Access;

/**
 * One prefix that credentials open.
 *
 * @param prefix empty for the whole bucket, else ends with {@code /}
 */
public record Opening(String bucket, String prefix, Access access) {

    /** Whether this opens everything that the other one does. */
    boolean covers(Opening wanted) {
        return bucket.equals(wanted.bucket) && wanted.prefix.startsWith(prefix) && access.covers(wanted.access);
    }

    @Override
    public String toString() {
        return access + " of s3://" + bucket + "/" + prefix;
    }
}
