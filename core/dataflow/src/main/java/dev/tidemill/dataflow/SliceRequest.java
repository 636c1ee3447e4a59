package dev.tidemill.dataflow;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetSpec.Output;
import dev.tidemill.dataflow.internal.ledger.Json;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the driver asks of the materializer: work on one Dataset for one slice. Everything that a spec leaves to others (names of
 * functions, buckets, annotations) is resolved here, so that the materializer needs a store and nothing else. Serialises to JSON.
 *
 * @param run the same for all slices of one run; a new one makes the materializer look at the input afresh
 * @param cluster id of the cluster or laptop, compared with the owner in the ledger
 * @param format how the input is read; handed to functions and part of the fingerprint
 * @param output where results become objects; null for a source and for what is combined
 * @param function maps shards (derived) or makes objects (generated); null for a source
 * @param combine merges results level by level ({@code combine: Tree}); null when every reply is an output object
 * @param profiler profiles what the Dataset shows; null for no profile
 * @param share calls that may be in flight at once
 * @param sliceLimit no work is started after this time
 * @param changedKeys keys that events named; they narrow the listing when {@code fullListing} is false
 * @param takeOver the driver knows that whoever held the lease is gone
 */
public record SliceRequest(
        String run,
        String cluster,
        DatasetRef dataset,
        String stateBucket,
        Input input,
        @Nullable Output output,
        Partition partition,
        DataFormat format,
        @Nullable FunctionTarget function,
        @Nullable FunctionTarget combine,
        @Nullable FunctionTarget profiler,
        Policy policy,
        Wishes wishes,
        int share,
        Duration sliceLimit,
        Set<String> changedKeys,
        boolean fullListing,
        boolean takeOver) {

    public SliceRequest {
        changedKeys = Set.copyOf(changedKeys);
        if (share < 1) {
            throw new IllegalArgumentException(dataset + ": a slice needs a share of at least one call, not " + share);
        }
        if (function == null && !(input instanceof Input.Listing)) {
            throw new IllegalArgumentException(dataset + ": a derived or generated Dataset needs a function");
        }
        if (function != null && combine == null && output == null) {
            throw new IllegalArgumentException(dataset + ": results that are not combined need an output");
        }
    }

    /** What is processed. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Input.Listing.class, name = "Listing"),
        @JsonSubTypes.Type(value = Input.Committed.class, name = "Committed"),
        @JsonSubTypes.Type(value = Input.Generated.class, name = "Generated")
    })
    public sealed interface Input {

        /** Objects under a prefix, as the store lists them. Globs are relative to the prefix; an empty {@code include} takes all. */
        record Listing(String bucket, String prefix, List<String> include, List<String> exclude) implements Input {
            public Listing {
                include = List.copyOf(include);
                exclude = List.copyOf(exclude);
            }
        }

        /** What another Dataset of the same state bucket has committed. */
        record Committed(DatasetRef parent) implements Input {}

        /** Objects that the function makes. */
        record Generated(DatasetSpec.Generate generate) implements Input {}
    }

    /**
     * How input is cut.
     *
     * @param scale shards in all, or 0 to go by {@code targetBytes}
     * @param splitRecords whether one object may be cut between records
     */
    public record Partition(int scale, long targetBytes, boolean splitRecords) {
        public static final Partition DEFAULT = new Partition(0, 64L << 20, false);

        public Partition {
            if (scale < 0 || targetBytes < 1) {
                throw new IllegalArgumentException(
                        "partition: scale " + scale + " and targetBytes " + targetBytes + " must be positive");
            }
        }
    }

    /** The spec's promises about time and failure. */
    public record Policy(
            double toleratedPercent, Duration resync, Duration retention, DatasetSpec.Reprocess reprocess) {
        public static final Policy DEFAULT =
                new Policy(0, Duration.ofMinutes(10), Duration.ofHours(24), DatasetSpec.Reprocess.OnChange);
    }

    /**
     * What annotations ask for.
     *
     * @param adopt take over a ledger that another owner left ({@code tidemill.dev/adopt})
     * @param confirmRemoval the revision whose objects may vanish ({@code tidemill.dev/confirm-removal}), or null
     * @param redrive a token; failures recorded under another one are tried again ({@code tidemill.dev/redrive})
     */
    public record Wishes(
            boolean adopt,
            @Nullable Long confirmRemoval,
            @Nullable String redrive) {
        public static final Wishes NONE = new Wishes(false, null, null);
    }

    public SliceRequest withCluster(String newCluster) {
        return new SliceRequest(
                run,
                newCluster,
                dataset,
                stateBucket,
                input,
                output,
                partition,
                format,
                function,
                combine,
                profiler,
                policy,
                wishes,
                share,
                sliceLimit,
                changedKeys,
                fullListing,
                takeOver);
    }

    /** The same, from a driver that knows that whoever held the lease is gone. */
    public SliceRequest takingOver() {
        return new SliceRequest(
                run,
                cluster,
                dataset,
                stateBucket,
                input,
                output,
                partition,
                format,
                function,
                combine,
                profiler,
                policy,
                wishes,
                share,
                sliceLimit,
                changedKeys,
                fullListing,
                true);
    }

    public SliceRequest withPolicy(Policy newPolicy) {
        return new SliceRequest(
                run,
                cluster,
                dataset,
                stateBucket,
                input,
                output,
                partition,
                format,
                function,
                combine,
                profiler,
                newPolicy,
                wishes,
                share,
                sliceLimit,
                changedKeys,
                fullListing,
                takeOver);
    }

    public SliceRequest withWishes(Wishes newWishes) {
        return new SliceRequest(
                run,
                cluster,
                dataset,
                stateBucket,
                input,
                output,
                partition,
                format,
                function,
                combine,
                profiler,
                policy,
                newWishes,
                share,
                sliceLimit,
                changedKeys,
                fullListing,
                takeOver);
    }

    public byte[] toJson() {
        return Json.bytes(this);
    }

    /** @throws IllegalArgumentException when it is not the JSON of one */
    public static SliceRequest fromJson(byte[] json) {
        return Json.parse(json, SliceRequest.class);
    }
}
