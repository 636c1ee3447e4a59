package dev.tidemill.dataflow.internal.shards;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tidemill.dataflow.internal.ledger.Digests;
import dev.tidemill.dataflow.internal.ledger.LineCodec;
import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one call gets.
 *
 * @param index the shard's number where there is a scale, else -1
 */
public record Shard(int index, List<Piece> pieces) {

    public static final LineCodec<Shard> CODEC = new Codec();

    public Shard {
        pieces = List.copyOf(pieces);
        if (pieces.isEmpty()) {
            throw new IllegalArgumentException("an empty shard is not sent");
        }
    }

    /** SHA-256 of its list. */
    public String id() {
        MessageDigest sha = Digests.sha256();
        // The index is in function_data, so that two shards of one list may compute different things.
        sha.update(ByteBuffer.allocate(4).putInt(index).flip());
        for (Piece piece : pieces) {
            ObjectEntry object = piece.object();
            text(sha, object.key());
            text(sha, object.etag());
            text(sha, piece.header());
            sha.update(ByteBuffer.allocate(32)
                    .putLong(object.size())
                    .putLong(object.modified())
                    .putLong(piece.offset())
                    .putLong(piece.length())
                    .flip());
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    /** What a function with this fingerprint makes of it. */
    public String partId(String fingerprint) {
        return Digests.hex(id() + " " + fingerprint);
    }

    /** Where its result stands: by its last key, which an insertion leaves alone, or by its index. */
    public String slot() {
        return index < 0 ? pieces.getLast().object().key() : HexFormat.of().toHexDigits(index);
    }

    public long bytes() {
        return pieces.stream().mapToLong(Piece::length).sum();
    }

    /** The same work in two, or nothing when one piece stands alone. */
    public List<Shard> halves() {
        int middle = pieces.size() / 2;
        return middle == 0
                ? List.of()
                : List.of(
                        new Shard(index, pieces.subList(0, middle)),
                        new Shard(index, pieces.subList(middle, pieces.size())));
    }

    private static void text(MessageDigest sha, @Nullable String text) {
        byte[] bytes = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
        sha.update(
                ByteBuffer.allocate(4).putInt(text == null ? -1 : bytes.length).flip());
        sha.update(bytes);
    }

    private static final class Codec implements LineCodec<Shard> {
        @Override
        public String type() {
            return "shards";
        }

        @Override
        public String cutKey(Shard shard) {
            return shard.slot();
        }

        @Override
        public long weight(Shard shard) {
            return shard.pieces.size();
        }

        @Override
        public void write(Shard shard, JsonGenerator to) throws IOException {
            to.writeNumber(shard.index);
            for (Piece piece : shard.pieces) {
                to.writeStartArray();
                ObjectEntry.CODEC.write(piece.object(), to);
                if (!piece.isWhole()) {
                    to.writeNumber(piece.offset());
                    to.writeNumber(piece.length());
                    to.writeString(piece.header());
                }
                to.writeEndArray();
            }
            // Ends the pieces, whose number the line does not tell.
            to.writeNull();
        }

        @Override
        public Shard read(JsonParser from) throws IOException {
            int index = Math.toIntExact(LineCodec.number(from));
            List<Piece> pieces = new ArrayList<>();
            while (LineCodec.nextArray(from)) {
                ObjectEntry object = ObjectEntry.CODEC.read(from);
                if (from.nextToken() == JsonToken.END_ARRAY) {
                    pieces.add(Piece.whole(object));
                    continue;
                }
                long offset = from.getLongValue();
                long length = LineCodec.number(from);
                pieces.add(new Piece(object, offset, length, LineCodec.optionalText(from)));
                LineCodec.end(from);
            }
            return new Shard(index, pieces);
        }
    }
}
