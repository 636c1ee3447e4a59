package dev.tidemill.dataflow;

import org.jspecify.annotations.Nullable;

/**
 * Why one shard has no part, told so that its owner can mend it.
 *
 * @param reason CamelCase, stable
 * @param object the object at fault where it is known, {@code s3://bucket/key}
 * @param line counted from 1, or -1
 * @param byteOffset counted from 0, or -1
 */
public record Failure(
        String reason, String message, @Nullable String object, long line, long byteOffset, boolean isFinal) {}
