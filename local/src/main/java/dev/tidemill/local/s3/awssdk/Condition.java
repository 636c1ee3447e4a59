package dev.tidemill.local.s3.awssdk;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;

/** What must hold of a key at the moment of a write or a removal; each an ETag, {@code *}, or null. */
record Condition(@Nullable String ifMatch, @Nullable String ifNoneMatch) {

    static final Condition NONE = new Condition(null, null);

    void require(@Nullable StoredFile current, String bucket, String key) {
        if (ifMatch != null && current == null) {
            throw S3Exceptions.noSuchKey(bucket, key, "there is nothing to match");
        }
        boolean unmatched = ifMatch != null && current != null && !matches(ifMatch, current);
        boolean taken = ifNoneMatch != null && current != null && matches(ifNoneMatch, current);
        if (unmatched || taken) {
            throw S3Exceptions.preconditionFailed(null);
        }
    }

    /** The conditions of a read, with the precedence of RFC 9110, section 13.2.2. */
    static void requireForRead(StoredFile stored, GetObjectRequest request) {
        Instant modified = stored.lastModified().truncatedTo(ChronoUnit.SECONDS);
        boolean changed = request.ifMatch() != null
                ? !matches(request.ifMatch(), stored)
                : request.ifUnmodifiedSince() != null && modified.isAfter(request.ifUnmodifiedSince());
        if (changed) {
            throw S3Exceptions.preconditionFailed(null);
        }
        boolean known = request.ifNoneMatch() != null
                ? matches(request.ifNoneMatch(), stored)
                : request.ifModifiedSince() != null && !modified.isAfter(request.ifModifiedSince());
        if (known) {
            throw S3Exceptions.fromStatusCode(304, "\"" + stored.etag() + "\"", Map.of(), null);
        }
    }

    private static boolean matches(String condition, StoredFile current) {
        return condition.equals("*") || condition.replace("\"", "").equals(current.etag());
    }
}
