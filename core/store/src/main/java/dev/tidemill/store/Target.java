package dev.tidemill.store;

import org.jspecify.annotations.Nullable;

/** What a request is about, for its messages: a bucket, a key or a prefix in it. */
record Target(String doing, String bucket, @Nullable String key) {

    static Target of(String doing, String bucket, @Nullable String key) {
        return new Target(doing, bucket, key);
    }

    String uri() {
        return "s3://" + bucket + "/" + (key == null ? "" : key);
    }

    @Override
    public String toString() {
        return doing + " " + uri();
    }
}
