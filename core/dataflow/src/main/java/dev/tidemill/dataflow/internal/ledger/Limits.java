package dev.tidemill.dataflow.internal.ledger;

/**
 * Sizes that only tests change, to meet with a few objects what takes millions otherwise.
 *
 * @param segment entries of a segment on average; a power of two
 * @param checkpoint keys between two checkpoints of an inventory
 * @param parallelFrom committed segments from which on a listing is split
 */
public record Limits(int segment, int checkpoint, int parallelFrom) {

    public static final Limits DEFAULT = new Limits(4096, 50_000, 5);

    /** A shift ends at the next hash boundary, which is at most this far. */
    public int longestSegment() {
        return 4 * segment;
    }
}
