package dev.tidemill.dataflow.internal.ledger;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is committed: the root under {@code manifests/<revision>-<sha-256>}, whose lists are segments that revisions share.
 *
 * @param base commit id of the revision before, null for the first
 * @param uid the Dataset's, which children compare with their own ancestry
 * @param run the run whose inventory this is
 * @param spec hash of what was asked for: input, output, cut
 * @param inputs objects that were consumed, in key order
 * @param view where the objects lie that this Dataset shows
 * @param shown the objects that this Dataset shows, in key order: a source's inputs, a derived Dataset's outputs
 * @param data how the shown objects or the result came about; null for a source
 * @param profile how the profile came about; null before the first
 * @param garbage what no revision from then on refers to
 */
public record Manifest(
        int version,
        long revision,
        String commit,
        @Nullable String base,
        long committedAt,
        String uid,
        String run,
        String spec,
        List<Ancestor> ancestors,
        String inputBucket,
        List<SegmentRef> inputs,
        @Nullable Location view,
        List<SegmentRef> shown,
        @Nullable StageRecord data,
        @Nullable StageRecord profile,
        List<SegmentRef> garbage) {

    public static final int VERSION = 1;

    public Manifest {
        ancestors = List.copyOf(ancestors);
        inputs = List.copyOf(inputs);
        shown = List.copyOf(shown);
        garbage = List.copyOf(garbage);
    }

    /** A Dataset and revision that this one was computed from, however far up. */
    public record Ancestor(String uid, long revision) {}

    /** A folder of a bucket. */
    public record Location(String bucket, String prefix) {}

    /**
     * A finished computation over shards.
     *
     * @param revision of the data that it describes or made
     * @param parts in the order of shards, then those combined of them
     * @param result the last combined part, null where nothing is combined
     * @param nextRetry when the first of the failures is due, store time in milliseconds
     */
    public record StageRecord(
            long revision,
            Fingerprint fingerprint,
            List<SegmentRef> parts,
            List<SegmentRef> failures,
            @Nullable PartEntry result,
            long items,
            long objects,
            long failedItems,
            long failedObjects,
            long nextRetry) {

        public StageRecord {
            parts = List.copyOf(parts);
            failures = List.copyOf(failures);
        }
    }

    /** All segments that this root names. */
    public Stream<SegmentRef> segments() {
        return Stream.of(
                        inputs.stream(),
                        shown.stream(),
                        garbage.stream(),
                        Stream.of(data, profile)
                                .filter(stage -> stage != null)
                                .flatMap(stage -> Stream.concat(stage.parts.stream(), stage.failures.stream())))
                .flatMap(segments -> segments);
    }

    public static long count(List<SegmentRef> list) {
        return list.stream().mapToLong(SegmentRef::count).sum();
    }

    public static long weight(List<SegmentRef> list) {
        return list.stream().mapToLong(SegmentRef::weight).sum();
    }
}
