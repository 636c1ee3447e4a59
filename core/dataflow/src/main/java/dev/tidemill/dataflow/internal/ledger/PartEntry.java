package dev.tidemill.dataflow.internal.ledger;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A result that counts.
 *
 * @param slot where it stands in the order of shards: the shard's last key, or its index where there is a scale
 * @param id what was computed: SHA-256 of shard and fingerprint
 * @param name where it lies, relative to the ledger: {@code parts/<id>.<nonce of the plan>}
 * @param level 0 for a shard's, counted up for what was combined
 * @param objects how many input objects stand behind it
 * @param size of its body
 * @param outputs the output objects that it stands for
 */
public record PartEntry(
        String slot, String id, String name, int level, int objects, long size, List<ObjectEntry> outputs) {

    public static final LineCodec<PartEntry> CODEC = new Codec();

    public PartEntry {
        outputs = List.copyOf(outputs);
    }

    private static final class Codec implements LineCodec<PartEntry> {
        @Override
        public String type() {
            return "parts";
        }

        @Override
        public String cutKey(PartEntry entry) {
            return entry.slot;
        }

        @Override
        public long weight(PartEntry entry) {
            return entry.objects;
        }

        @Override
        public void write(PartEntry entry, JsonGenerator to) throws IOException {
            to.writeString(entry.slot);
            to.writeString(entry.id);
            to.writeString(entry.name);
            to.writeNumber(entry.level);
            to.writeNumber(entry.objects);
            to.writeNumber(entry.size);
            to.writeStartArray();
            for (ObjectEntry output : entry.outputs) {
                to.writeStartArray();
                ObjectEntry.CODEC.write(output, to);
                to.writeEndArray();
            }
            to.writeEndArray();
        }

        @Override
        public PartEntry read(JsonParser from) throws IOException {
            String slot = LineCodec.text(from);
            String id = LineCodec.text(from);
            String name = LineCodec.text(from);
            int level = Math.toIntExact(LineCodec.number(from));
            int objects = Math.toIntExact(LineCodec.number(from));
            long size = LineCodec.number(from);
            List<ObjectEntry> outputs = new ArrayList<>();
            if (!LineCodec.nextArray(from)) {
                throw new IOException("expected the list of outputs, found " + from.currentToken());
            }
            while (LineCodec.nextArray(from)) {
                outputs.add(ObjectEntry.CODEC.read(from));
                LineCodec.end(from);
            }
            return new PartEntry(slot, id, name, level, objects, size, outputs);
        }
    }
}
