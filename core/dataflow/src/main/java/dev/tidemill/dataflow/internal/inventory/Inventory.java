package dev.tidemill.dataflow.internal.inventory;

import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.ledger.SegmentRef;
import dev.tidemill.dataflow.internal.ledger.Segments;
import dev.tidemill.store.KeyOrder;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the list of the objects that are there now, as segments, and counts how it differs from the committed list. One page, one
 * new and one committed segment are in memory, however many keys there are.
 */
public final class Inventory {

    private final Segments segments;
    private final List<SegmentRef> committed;
    private final Control control;
    private final Segments.Writer<ObjectEntry> writer;
    private final Difference difference;
    private String last = "";
    private long sinceCheckpoint;

    /**
     * @param committed the list to compare with; its segments are shared where they still hold the same
     */
    public Inventory(Segments segments, List<SegmentRef> committed, Control control) {
        this.segments = segments;
        this.committed = committed;
        this.control = control;
        segments.share(committed);
        writer = segments.writer(ObjectEntry.CODEC);
        difference = new Difference(segments, committed);
    }

    /** What is listed. */
    public record Place(ObjectClient store, String bucket, String prefix, KeyFilter filter) {}

    /** How the slice takes part. */
    public interface Control {

        /** Called behind each page; false ends the inventory at its last checkpoint. */
        boolean goOn();

        /** Keeps how far it is. */
        void keep(Progress progress);
    }

    /** How far it is: everything of a {@link Checkpoint} that it knows itself. */
    public record Progress(String after, List<SegmentRef> written, long added, long changed, long removed) {}

    /**
     * What was found.
     *
     * @param complete false when the slice ended first; the checkpoint says where to go on
     */
    public record Found(List<SegmentRef> inputs, long added, long changed, long removed, boolean complete) {
        public boolean differs() {
            return added + changed + removed > 0;
        }
    }

    /** Lists everything under the prefix. */
    public Found full(Place place, @Nullable Checkpoint checkpoint) {
        if (checkpoint != null) {
            writer.resume(checkpoint.written());
            difference.resume(checkpoint);
            last = checkpoint.after();
        }
        String after = checkpoint == null ? null : checkpoint.after();
        try (Pages pages = pages(place, after)) {
            return take(pages, place) ? found(true) : found(false);
        }
    }

    /** Lists only the committed segments into which one of the keys falls, and takes the others over unread. */
    public Found around(Place place, Set<String> keys) {
        Set<Integer> touched = new HashSet<>();
        for (String key : keys) {
            if (key.startsWith(place.prefix())) {
                touched.add(segmentOf(key));
            }
        }
        String after = null;
        for (int i = 0; i < committed.size(); i++) {
            SegmentRef ref = committed.get(i);
            boolean lastOne = i == committed.size() - 1;
            if (touched.contains(i)) {
                RangeListing range = new RangeListing(
                        place.store(), place.bucket(), place.prefix(), after, lastOne ? null : ref.last());
                if (!take(range, place)) {
                    return found(false);
                }
            } else {
                takeOver(ref);
            }
            after = ref.last();
        }
        return found(true);
    }

    /** Takes another Dataset's committed list. */
    public Found copy(Segments theirs, List<SegmentRef> list) {
        for (SegmentRef ref : list) {
            SegmentRef own = writer.atBoundary() ? segments.shared(ref) : null;
            if (own != null && committed.contains(own)) {
                takeOver(own);
            } else {
                theirs.read(ref, ObjectEntry.CODEC).forEach(this::add);
            }
            if (!control.goOn()) {
                return found(false);
            }
        }
        return found(true);
    }

    /** Takes a list that somebody made up. */
    public Found of(Iterable<ObjectEntry> entries) {
        entries.forEach(this::add);
        return found(true);
    }

    private int segmentOf(String key) {
        for (int i = 0; i < committed.size(); i++) {
            if (KeyOrder.UTF8.compare(key, committed.get(i).last()) <= 0) {
                return i;
            }
        }
        return committed.size() - 1;
    }

    private void takeOver(SegmentRef ref) {
        if (writer.atBoundary()) {
            writer.reuse(ref);
            difference.same(ref);
            last = ref.last();
        } else {
            segments.read(ref, ObjectEntry.CODEC).forEach(this::add);
        }
    }

    private Pages pages(Place place, @Nullable String after) {
        List<SegmentRef> ahead = committed.stream()
                .filter(ref -> after == null || KeyOrder.UTF8.compare(ref.last(), after) > 0)
                .toList();
        if (ahead.size() < segments.limits().parallelFrom()) {
            return new RangeListing(place.store(), place.bucket(), place.prefix(), after, null);
        }
        List<RangeListing> ranges = new ArrayList<>();
        String from = after;
        for (int i = 0; i < ahead.size(); i++) {
            String until = i == ahead.size() - 1 ? null : ahead.get(i).last();
            ranges.add(new RangeListing(place.store(), place.bucket(), place.prefix(), from, until));
            from = until;
        }
        return new ParallelListing(ranges);
    }

    private boolean take(Pages pages, Place place) {
        for (List<ObjectInfo> page = pages.next(); page != null; page = pages.next()) {
            for (ObjectInfo object : page) {
                if (place.filter().marksManagedFolder(object.key())) {
                    throw new ListingException(
                            "ManagedPrefix",
                            "s3://" + place.bucket() + "/" + object.key()
                                    + " says that another Dataset writes there: use spec.from with that Dataset, or exclude"
                                    + " its folder by a narrower prefix");
                }
                if (place.filter().accepts(object.key())) {
                    add(ObjectEntry.of(object));
                }
            }
            sinceCheckpoint += page.size();
            if (!control.goOn()) {
                return false;
            }
        }
        return true;
    }

    private void add(ObjectEntry entry) {
        difference.next(entry);
        writer.add(entry);
        last = entry.key();
        if (sinceCheckpoint >= segments.limits().checkpoint() && writer.atBoundary()) {
            sinceCheckpoint = 0;
            control.keep(new Progress(
                    last, writer.written(), difference.added(), difference.changed(), difference.removed()));
        }
    }

    private Found found(boolean complete) {
        if (!complete) {
            return new Found(List.of(), difference.added(), difference.changed(), difference.removed(), false);
        }
        List<SegmentRef> inputs = writer.finish();
        difference.end();
        return new Found(inputs, difference.added(), difference.changed(), difference.removed(), true);
    }
}
