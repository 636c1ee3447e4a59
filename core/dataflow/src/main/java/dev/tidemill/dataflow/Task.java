package dev.tidemill.dataflow;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetSpec.Output;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done about one Dataset: its spec, with everything resolved that the spec leaves to others (names of functions,
 * buckets, annotations), so that the materializer needs a store and nothing else.
 *
 * @param cluster id of the cluster or laptop, compared with the owner in the ledger
 * @param format how the input is read; handed to functions and part of the fingerprint
 * @param output where results become objects; null for a source and for what is combined
 * @param function maps shards (derived) or makes objects (generated); null for a source
 * @param combine merges results level by level ({@code combine: Tree}); null when every reply is an output object
 * @param profiler profiles what the Dataset shows; null for no profile
 * @param rounds whether shards are mapped and combined again and again, each time with what the last round came to ({@link Rounds})
 */
public record Task(
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
        boolean rounds,
        Policy policy,
        Wishes wishes) {

    public Task {
        if (function == null && !(input instanceof Input.Listing)) {
            throw new IllegalArgumentException(dataset + ": a derived or generated Dataset needs a function");
        }
        if (function != null && combine == null && output == null) {
            throw new IllegalArgumentException(dataset + ": results that are not combined need an output");
        }
        if (rounds && (combine == null || !(input instanceof Input.Committed))) {
            throw new IllegalArgumentException(dataset + ": what is computed in rounds is derived and combined");
        }
    }

    /** A Dataset over this input; what is not said otherwise is as a spec has it that says nothing. */
    public static Builder of(String cluster, DatasetRef dataset, String stateBucket, Input input) {
        return new Builder(cluster, dataset, stateBucket, input);
    }

    /** The longest that any call of it may take. */
    Duration longestCall() {
        return Stream.of(function, combine, profiler)
                .flatMap(Stream::ofNullable)
                .map(FunctionTarget::timeout)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
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

    /** Puts a task together. */
    public static final class Builder {
        private final String cluster;
        private final DatasetRef dataset;
        private final String stateBucket;
        private final Input input;
        private @Nullable Output output;
        private Partition partition = Partition.DEFAULT;
        private DataFormat format = DataFormat.AUTO;
        private @Nullable FunctionTarget function;
        private @Nullable FunctionTarget combine;
        private @Nullable FunctionTarget profiler;
        private boolean rounds;
        private Policy policy = Policy.DEFAULT;
        private Wishes wishes = Wishes.NONE;

        private Builder(String cluster, DatasetRef dataset, String stateBucket, Input input) {
            this.cluster = cluster;
            this.dataset = dataset;
            this.stateBucket = stateBucket;
            this.input = input;
        }

        public Builder output(@Nullable Output value) {
            output = value;
            return this;
        }

        public Builder partition(Partition value) {
            partition = value;
            return this;
        }

        public Builder format(DataFormat value) {
            format = value;
            return this;
        }

        public Builder function(@Nullable FunctionTarget value) {
            function = value;
            return this;
        }

        public Builder combine(@Nullable FunctionTarget value) {
            combine = value;
            return this;
        }

        public Builder profiler(@Nullable FunctionTarget value) {
            profiler = value;
            return this;
        }

        public Builder rounds(boolean value) {
            rounds = value;
            return this;
        }

        public Builder policy(Policy value) {
            policy = value;
            return this;
        }

        public Builder wishes(Wishes value) {
            wishes = value;
            return this;
        }

        /** @throws IllegalArgumentException if it could not be worked on: a derived Dataset without a function, say */
        public Task build() {
            return new Task(
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
                    rounds,
                    policy,
                    wishes);
        }
    }
}
