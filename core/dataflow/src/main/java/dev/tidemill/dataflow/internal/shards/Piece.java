package dev.tidemill.dataflow.internal.shards;

import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import org.jspecify.annotations.Nullable;

/**
 * An object, or whole records of one.
 *
 * @param header the first record of the object, where the piece begins behind it
 */
public record Piece(
        ObjectEntry object,
        long offset,
        long length,
        @Nullable String header) {

    public static Piece whole(ObjectEntry object) {
        return new Piece(object, 0, object.size(), null);
    }

    public boolean isWhole() {
        return offset == 0 && length == object.size();
    }
}
