package dev.tidemill.dataflow.internal.ledger;

/**
 * A piece of a list, content-addressed: {@code name} is {@code segments/<sha-256>.<nonce>}, and a list that still holds the same
 * piece names the same object.
 *
 * @param last cut key of its last entry; a segment reaches from behind its neighbour's last to its own
 * @param weight sum over its entries
 */
public record SegmentRef(String name, String first, String last, long count, long weight) {

    /** The hash of what it holds, without what makes its name unique. */
    public String content() {
        return name.substring(name.indexOf('/') + 1, name.indexOf('.'));
    }
}
