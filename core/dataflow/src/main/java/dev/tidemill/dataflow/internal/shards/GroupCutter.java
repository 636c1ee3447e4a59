package dev.tidemill.dataflow.internal.shards;

import dev.tidemill.dataflow.internal.ledger.Digests;
import dev.tidemill.dataflow.internal.ledger.PartEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * Groups parts to be combined, cut by content like shards: a part that comes or goes changes its own group and the groups above it,
 * no other.
 */
public final class GroupCutter {

    /** One part in so many ends a group. */
    private static final long MEAN = 32;

    private static final int MOST = 64;
    private static final long MOST_BYTES = 8 << 20;

    private GroupCutter() {}

    /**
     * The groups of one level, in order. Each but the last has at least two parts, so that the tree ends.
     *
     * @param inlineLimit parts larger than this go by reference and weigh nothing
     */
    public static List<List<PartEntry>> cut(List<PartEntry> parts, int level, long inlineLimit) {
        List<List<PartEntry>> groups = new ArrayList<>();
        List<PartEntry> open = new ArrayList<>();
        long bytes = 0;
        for (PartEntry part : parts) {
            long weight = part.size() > inlineLimit ? 0 : part.size();
            if (open.size() == MOST || (open.size() >= 2 && bytes + weight > MOST_BYTES)) {
                groups.add(List.copyOf(open));
                open.clear();
                bytes = 0;
            }
            open.add(part);
            bytes += weight;
            if (open.size() >= 2 && Long.remainderUnsigned(Digests.cut(part.id() + level), MEAN) == 0) {
                groups.add(List.copyOf(open));
                open.clear();
                bytes = 0;
            }
        }
        if (!open.isEmpty()) {
            groups.add(List.copyOf(open));
        }
        return groups;
    }

    /** The id of what combining a group makes. */
    public static String id(List<PartEntry> group, String fingerprint) {
        StringBuilder list = new StringBuilder(fingerprint);
        for (PartEntry part : group) {
            list.append(' ').append(part.id());
        }
        return Digests.hex(list.toString());
    }
}
