package dev.tidemill.dataflow.internal.shards;

import dev.tidemill.dataflow.internal.ledger.Digests;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Groups neighbouring pieces into shards of about {@code targetBytes}. A key ends a shard if its hash is below a threshold computed
 * from the piece's own size and fixed targets, so that an inserted key changes its own shard only; where a hard limit ended one, the
 * shift ends at the next hash boundary. (Content-defined chunking, as rsync and LBFS do it for bytes.)
 */
public final class ShardCutter {

    /** Without it a prefix of empty objects would never be cut by size. */
    static final int TARGET_OBJECTS = 128;

    /** So far above the target that one run of keys in two thousand meets it. */
    static final int MOST_OBJECTS = 1000;

    private final long targetBytes;
    private final Consumer<Shard> shards;
    private final List<Piece> open = new ArrayList<>();
    private long bytes;

    public ShardCutter(long targetBytes, Consumer<Shard> shards) {
        this.targetBytes = targetBytes;
        this.shards = shards;
    }

    public void add(Piece piece) {
        if (!open.isEmpty() && (open.size() == MOST_OBJECTS || bytes + piece.length() > limit())) {
            close();
        }
        open.add(piece);
        bytes += piece.length();
        if (ends(piece)) {
            close();
        }
    }

    public void end() {
        if (!open.isEmpty()) {
            close();
        }
    }

    private boolean ends(Piece piece) {
        String key = piece.offset() == 0 ? piece.object().key() : piece.object().key() + "\n" + piece.offset();
        double chance = (double) piece.length() / targetBytes + 1.0 / TARGET_OBJECTS;
        // The upper 53 bits; the lower ones cut segments.
        return (Digests.cut(key) >>> 11) * 0x1p-53 < chance;
    }

    private long limit() {
        return targetBytes > Long.MAX_VALUE / 4 ? Long.MAX_VALUE : 4 * targetBytes;
    }

    private void close() {
        shards.accept(new Shard(-1, open));
        open.clear();
        bytes = 0;
    }
}
