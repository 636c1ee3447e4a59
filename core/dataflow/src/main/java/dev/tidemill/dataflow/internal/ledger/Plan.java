package dev.tidemill.dataflow.internal.ledger;

import dev.tidemill.dataflow.internal.ledger.Manifest.Ancestor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one run has to do on top of one commit: {@code plans/<base revision>-<n>}, created conditionally.
 *
 * @param baseCommit the only commit on which its own is valid; null before the first
 * @param nonce ends the names of everything that is written for this plan
 * @param stage what the work is for
 * @param inputs the objects to consume
 * @param shards the work list
 * @param scaled whether shards have an index instead of a key range
 */
public record Plan(
        int version,
        String name,
        long baseRevision,
        @Nullable String baseCommit,
        String nonce,
        String run,
        Stage stage,
        String spec,
        Fingerprint fingerprint,
        List<Ancestor> ancestors,
        String bucket,
        List<SegmentRef> inputs,
        List<SegmentRef> shards,
        boolean scaled) {

    public static final int VERSION = 1;

    public Plan {
        ancestors = List.copyOf(ancestors);
        inputs = List.copyOf(inputs);
        shards = List.copyOf(shards);
    }

    /** What a plan computes. */
    public enum Stage {
        /** The objects or the value that the Dataset is declared for. */
        DATA,
        /** The profile of what the Dataset shows. */
        PROFILE
    }

    /** Whether it would do the same as another one, whoever made it. */
    public boolean sameWork(Plan other) {
        return stage == other.stage
                && spec.equals(other.spec)
                && fingerprint.equals(other.fingerprint)
                && contents(shards).equals(contents(other.shards))
                && contents(inputs).equals(contents(other.inputs));
    }

    private static List<String> contents(List<SegmentRef> list) {
        return list.stream().map(SegmentRef::content).toList();
    }
}
