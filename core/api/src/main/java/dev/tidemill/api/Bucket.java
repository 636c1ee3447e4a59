package dev.tidemill.api;

/** The names that S3 allows for buckets. */
final class Bucket {

    static final String PATTERN = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";

    private Bucket() {}
}
