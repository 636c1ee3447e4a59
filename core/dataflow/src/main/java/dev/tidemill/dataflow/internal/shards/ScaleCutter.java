package dev.tidemill.dataflow.internal.shards;

import dev.tidemill.dataflow.internal.ledger.Digests;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Spreads pieces over {@code scale} shards: neighbours form ranges, cut by content, and each range goes to the shard that its hash
 * ranks highest (rendezvous hashing), so that an inserted key changes one shard. Shards that get nothing are not sent; where there
 * are no more pieces than shards, each piece has its own.
 */
public final class ScaleCutter {

    /** Ranges per shard: the loads then differ by about an eighth. */
    private static final int RANGES = 64;

    /** Pieces in memory at once; a longer list is read more than once instead. */
    private static final int IN_MEMORY = 200_000;

    private final int scale;
    private final long total;

    /**
     * How large a piece may be, where objects may be cut, so that there are about as many pieces as shards. Rounded up to four
     * significant bits: a list that grows a little is not cut anew all over.
     *
     * @param objects in the list
     * @param bytes of all of them
     */
    public static long targetBytes(int scale, long objects, long bytes) {
        // The last piece of each object may be a short one.
        long pieces = 2 * objects <= scale ? scale - objects : scale;
        long even = Math.ceilDiv(Math.max(1, bytes), Math.max(1, pieces));
        long grain = Math.max(1, Long.highestOneBit(even) >> 3);
        return Math.ceilDiv(even, grain) * grain;
    }

    public ScaleCutter(int scale, long total) {
        this.scale = scale;
        this.total = total;
    }

    /** Reads the list, in several passes if it is long, and hands out the shards in the order of their index. */
    public void cut(Supplier<Iterator<Piece>> list, Consumer<Shard> shards) {
        if (total <= scale) {
            int[] next = {0};
            list.get().forEachRemaining(piece -> shards.accept(new Shard(next[0]++, List.of(piece))));
            return;
        }
        int passes = (int) Math.min(scale, total / IN_MEMORY + 1);
        int width = (scale + passes - 1) / passes;
        for (int from = 0; from < scale; from += width) {
            pass(list.get(), from, Math.min(scale, from + width), shards);
        }
    }

    private void pass(Iterator<Piece> list, int from, int to, Consumer<Shard> shards) {
        List<List<Piece>> loads = new ArrayList<>();
        for (int i = from; i < to; i++) {
            loads.add(new ArrayList<>());
        }
        long mask = rangeMask();
        List<Piece> range = new ArrayList<>();
        while (list.hasNext()) {
            Piece piece = list.next();
            range.add(piece);
            long hash = Digests.cut(
                    piece.offset() == 0 ? piece.object().key() : piece.object().key() + "@" + piece.offset());
            if ((hash & mask) == 0 || range.size() == ShardCutter.MOST_OBJECTS || !list.hasNext()) {
                int shard = highest(hash);
                if (shard >= from && shard < to) {
                    loads.get(shard - from).addAll(range);
                }
                range.clear();
            }
        }
        for (int i = from; i < to; i++) {
            if (!loads.get(i - from).isEmpty()) {
                shards.accept(new Shard(i, loads.get(i - from)));
            }
        }
    }

    /** A power of two of pieces per range, so that a few more pieces do not cut everything anew. */
    private long rangeMask() {
        long perRange = Math.max(1, total / ((long) scale * RANGES));
        return Long.highestOneBit(perRange) - 1;
    }

    private int highest(long hash) {
        int best = 0;
        long highest = Long.MIN_VALUE;
        for (int i = 0; i < scale; i++) {
            long rank = mix(hash + i * 0x9E3779B97F4A7C15L);
            if (rank > highest) {
                highest = rank;
                best = i;
            }
        }
        return best;
    }

    /** SplitMix64's finaliser (Steele, Lea, Flood 2014). */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
