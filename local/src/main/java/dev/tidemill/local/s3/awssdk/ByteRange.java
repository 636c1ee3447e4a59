package dev.tidemill.local.s3.awssdk;

import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.jspecify.annotations.Nullable;

/** First and last byte of a range that begins within the object. */
record ByteRange(long first, long last) {

    long length() {
        return last - first + 1;
    }

    /** Null for no range, or one of a form that RFC 9110 lets a server pass over. */
    static @Nullable ByteRange parse(@Nullable String header, long size) {
        if (header == null || !header.matches("bytes=(\\d+-\\d*|-\\d+)")) {
            return null;
        }
        String[] ends = header.substring("bytes=".length()).split("-", -1);
        long first;
        long last = size - 1;
        if (ends[0].isEmpty()) {
            first = Math.max(0, size - Long.parseLong(ends[1]));
        } else {
            first = Long.parseLong(ends[0]);
            last = ends[1].isEmpty() ? last : Math.min(last, Long.parseLong(ends[1]));
        }
        if (first > last || first >= size) {
            throw S3Exceptions.fromStatusCode(416);
        }
        return new ByteRange(first, last);
    }
}
