package dev.tidemill.dataflow.internal.work;

import dev.tidemill.dataflow.internal.shards.Shard;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of work that has no part: {@code failures/<part id>.<nonce of the plan>.json}.
 *
 * @param attempts calls so far that count
 * @param rounds how often it was given up, which decides how long to wait
 * @param retryAt store time in milliseconds; {@link Long#MAX_VALUE} for a final failure
 * @param token the redrive token that was set when it failed
 * @param replacements what takes its place ({@link Kind#REPLACED} alone)
 */
public record Note(
        int version,
        Kind kind,
        String id,
        long at,
        int objects,
        String reason,
        String message,
        @Nullable String object,
        long line,
        long byteOffset,
        int attempts,
        int rounds,
        long retryAt,
        @Nullable String token,
        List<Shard> replacements) {

    public static final int VERSION = 1;

    public Note {
        replacements = List.copyOf(replacements);
    }

    /** What became of the work. */
    public enum Kind {
        /** Given up, for now or for good. */
        FAILED,
        /** Called and not given up yet: the attempts so far count in the next slice. */
        POSTPONED,
        /** Failed as a whole; its halves are tried instead. */
        HALVED,
        /** Its objects have changed since the plan was made; valid within that plan. */
        REPLACED
    }

    /** Whether it stands in the way of another try. */
    public boolean blocks(long now, @Nullable String redrive) {
        return kind == Kind.FAILED && now < retryAt && (redrive == null || redrive.equals(token));
    }
}
