package dev.tidemill.dataflow.internal.inventory;

import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.SegmentRef;
import dev.tidemill.dataflow.internal.ledger.Segments;
import dev.tidemill.store.KeyOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Merges a new list with the committed one in a single pass, with one committed segment in memory. */
final class Difference {

    private final Segments segments;
    private final Deque<SegmentRef> ahead;
    private List<ObjectEntry> open = List.of();
    private @Nullable SegmentRef openRef;
    private int at;
    private long added;
    private long changed;
    private long removed;

    Difference(Segments segments, List<SegmentRef> committed) {
        this.segments = segments;
        ahead = new ArrayDeque<>(committed);
    }

    /** Goes on where a checkpoint stopped. */
    void resume(Checkpoint checkpoint) {
        added = checkpoint.added();
        changed = checkpoint.changed();
        removed = checkpoint.removed();
        while (!ahead.isEmpty() && KeyOrder.UTF8.compare(ahead.element().last(), checkpoint.after()) <= 0) {
            ahead.remove();
        }
        for (ObjectEntry before = peek();
                before != null && KeyOrder.UTF8.compare(before.key(), checkpoint.after()) <= 0;
                before = peek()) {
            at++;
        }
    }

    void next(ObjectEntry entry) {
        for (ObjectEntry before = peek(); before != null; before = peek()) {
            int order = KeyOrder.UTF8.compare(before.key(), entry.key());
            if (order > 0) {
                break;
            }
            at++;
            if (order == 0) {
                if (!before.equals(entry)) {
                    changed++;
                }
                return;
            }
            removed++;
        }
        added++;
    }

    /** A whole committed segment is taken over as it is. */
    void same(SegmentRef ref) {
        if (ref.equals(openRef) && at == 0) {
            at = open.size();
            return;
        }
        removed += open.size() - at;
        at = open.size();
        while (!ahead.isEmpty()) {
            SegmentRef before = ahead.remove();
            if (before.name().equals(ref.name())) {
                return;
            }
            removed += before.count();
        }
        throw new IllegalStateException("segment " + ref.name() + " is not in the committed list");
    }

    void end() {
        removed += open.size() - at;
        at = open.size();
        ahead.forEach(ref -> removed += ref.count());
        ahead.clear();
    }

    long added() {
        return added;
    }

    long changed() {
        return changed;
    }

    long removed() {
        return removed;
    }

    private @Nullable ObjectEntry peek() {
        while (at == open.size()) {
            if (ahead.isEmpty()) {
                return null;
            }
            SegmentRef next = ahead.remove();
            open = segments.read(next, ObjectEntry.CODEC);
            openRef = next;
            at = 0;
        }
        return open.get(at);
    }
}
