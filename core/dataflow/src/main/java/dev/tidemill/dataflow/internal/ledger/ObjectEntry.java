package dev.tidemill.dataflow.internal.ledger;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.tidemill.store.ObjectInfo;
import java.io.IOException;

/**
 * An object as a list of the ledger names it. An ETag alone misses edits under a directory-backed store, therefore time and size
 * count too.
 *
 * @param modified milliseconds, or 0 for an object that was written once under a name that never comes back
 */
public record ObjectEntry(String key, String etag, long size, long modified) {

    public static final LineCodec<ObjectEntry> CODEC = new Codec();

    public static ObjectEntry of(ObjectInfo info) {
        return new ObjectEntry(
                info.key(), info.etag(), info.size(), info.lastModified().toEpochMilli());
    }

    /** Whether the store still has it. HEAD tells whole seconds only, whatever the listing told. */
    public boolean stillIs(ObjectInfo now) {
        return etag.equals(now.etag())
                && size == now.size()
                && (modified == 0 || modified / 1000 == now.lastModified().getEpochSecond());
    }

    private static final class Codec implements LineCodec<ObjectEntry> {
        @Override
        public String type() {
            return "objects";
        }

        @Override
        public String cutKey(ObjectEntry entry) {
            return entry.key;
        }

        @Override
        public long weight(ObjectEntry entry) {
            return entry.size;
        }

        @Override
        public void write(ObjectEntry entry, JsonGenerator to) throws IOException {
            to.writeString(entry.key);
            to.writeString(entry.etag);
            to.writeNumber(entry.size);
            to.writeNumber(entry.modified);
        }

        @Override
        public ObjectEntry read(JsonParser from) throws IOException {
            return new ObjectEntry(
                    LineCodec.text(from), LineCodec.text(from), LineCodec.number(from), LineCodec.number(from));
        }
    }
}
