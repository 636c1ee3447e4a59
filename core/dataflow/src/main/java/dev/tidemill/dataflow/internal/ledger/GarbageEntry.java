package dev.tidemill.dataflow.internal.ledger;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;

/**
 * An object that no revision from {@code since} on refers to. While it is listed it counts as absent.
 *
 * @param place whether the name is relative to the ledger or to the output's prefix
 * @param since store time in milliseconds
 */
public record GarbageEntry(Place place, String name, long since) {

    public static final LineCodec<GarbageEntry> CODEC = new Codec();

    /** Which folder a name is in. */
    public enum Place {
        LEDGER,
        OUTPUT
    }

    private static final class Codec implements LineCodec<GarbageEntry> {
        @Override
        public String type() {
            return "garbage";
        }

        @Override
        public String cutKey(GarbageEntry entry) {
            return entry.name;
        }

        @Override
        public long weight(GarbageEntry entry) {
            return 1;
        }

        @Override
        public void write(GarbageEntry entry, JsonGenerator to) throws IOException {
            to.writeString(entry.place.name());
            to.writeString(entry.name);
            to.writeNumber(entry.since);
        }

        @Override
        public GarbageEntry read(JsonParser from) throws IOException {
            String place = LineCodec.text(from);
            return new GarbageEntry(Place.valueOf(place), LineCodec.text(from), LineCodec.number(from));
        }
    }
}
