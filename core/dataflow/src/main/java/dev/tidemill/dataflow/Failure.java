package dev.tidemill.dataflow;

import org.jspecify.annotations.Nullable;

/**
 * Why one shard has no part, told so that its owner can mend it.
 *
 * @param reason CamelCase, stable
 * @param object the object at fault where it is known, {@code s3://bucket/key}
 * @param line counted from 1, or -1
 * @param byteOffset counted from 0, or -1
 * @param isFinal whether the same input and function will fail again
 */
public record Failure(
        String reason, String message, @Nullable String object, long line, long byteOffset, boolean isFinal) {

    /** One that another try may mend, of unknown place. */
    static Failure passing(String reason, String message) {
        return new Failure(reason, message, null, -1, -1, false);
    }

    /** One that no repetition mends, of unknown place. */
    static Failure lasting(String reason, String message) {
        return new Failure(reason, message, null, -1, -1, true);
    }

    /** Where, as far as it is known, and what; a message that begins with its line or byte is left to do so. */
    String told() {
        StringBuilder where = new StringBuilder(object == null ? "" : object);
        if (!message.startsWith("line ") && !message.startsWith("byte ")) {
            where.append(line < 0 ? "" : ", line " + line).append(byteOffset < 0 ? "" : ", byte " + byteOffset);
        }
        return where.isEmpty() ? message : where + ": " + message;
    }

    /** {@code 1 object}, {@code 2 objects}. */
    static String objects(long count) {
        return count == 1 ? "1 object" : count + " objects";
    }
}
