package dev.tidemill.dataflow.internal.ledger;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A shard that has no part in a committed revision, and when it will be tried again.
 *
 * @param name the failure's own record, relative to the ledger
 * @param retryAt store time in milliseconds; {@link Long#MAX_VALUE} for a final failure
 * @param token the redrive token that was set when it failed
 */
public record FailureEntry(
        String slot,
        String id,
        String name,
        int objects,
        String reason,
        String message,
        @Nullable String object,
        long line,
        long byteOffset,
        long retryAt,
        @Nullable String token) {

    public static final LineCodec<FailureEntry> CODEC = new Codec();

    /** Whether it is worth computing again now. */
    public boolean due(long now, @Nullable String redrive) {
        return now >= retryAt || (redrive != null && !redrive.equals(token));
    }

    private static final class Codec implements LineCodec<FailureEntry> {
        @Override
        public String type() {
            return "failures";
        }

        @Override
        public String cutKey(FailureEntry entry) {
            return entry.slot;
        }

        @Override
        public long weight(FailureEntry entry) {
            return entry.objects;
        }

        @Override
        public void write(FailureEntry entry, JsonGenerator to) throws IOException {
            to.writeString(entry.slot);
            to.writeString(entry.id);
            to.writeString(entry.name);
            to.writeNumber(entry.objects);
            to.writeString(entry.reason);
            to.writeString(entry.message);
            to.writeString(entry.object);
            to.writeNumber(entry.line);
            to.writeNumber(entry.byteOffset);
            to.writeNumber(entry.retryAt);
            to.writeString(entry.token);
        }

        @Override
        public FailureEntry read(JsonParser from) throws IOException {
            return new FailureEntry(
                    LineCodec.text(from),
                    LineCodec.text(from),
                    LineCodec.text(from),
                    Math.toIntExact(LineCodec.number(from)),
                    LineCodec.text(from),
                    LineCodec.text(from),
                    LineCodec.optionalText(from),
                    LineCodec.number(from),
                    LineCodec.number(from),
                    LineCodec.number(from),
                    LineCodec.optionalText(from));
        }
    }
}
