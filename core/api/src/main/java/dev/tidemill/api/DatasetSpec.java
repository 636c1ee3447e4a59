package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a Dataset is declared to be: objects under a prefix ({@code source}), what a function or model makes of another Dataset
 * ({@code from}), or generated data ({@code generate}).
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "[has(self.source), has(self.from), has(self.generate)].filter(x, x).size() == 1",
        message = Rules.ONE_ORIGIN)
@ValidationRule(
        value = "has(self.source) == has(oldSelf.source) && has(self.from) == has(oldSelf.from)",
        message = Rules.ORIGIN_FIXED)
@ValidationRule(value = "self.store == oldSelf.store", message = Rules.STORE_FIXED, fieldPath = ".store")
@ValidationRule(
        value = "!has(self.source) || !has(self.output)",
        message = Rules.OUTPUT_WITH_SOURCE,
        fieldPath = ".output")
@ValidationRule(
        value = "!(has(self.generate) || has(self.from) && self.from.combine == 'None') || has(self.output)",
        message = Rules.OUTPUT_REQUIRED)
@ValidationRule(
        value = "!(has(self.from) && self.from.combine == 'Tree' && has(self.output))",
        message = Rules.OUTPUT_WITH_COMBINE,
        fieldPath = ".output")
@ValidationRule(value = "has(self.from) || !has(self.reprocess)", message = Rules.REPROCESS_WITHOUT_FROM)
@ValidationRule(
        value = "!(has(self.generate) && has(self.output) && has(self.output.format))"
                + " || self.output.format in ['Csv', 'JsonLines']",
        message = Rules.GENERATE_FORMAT)
public record DatasetSpec(
        @JsonPropertyDescription("The ObjectStore that holds the objects and the ledger.") @Default(Defaults.STORE)
        String store,

        @JsonPropertyDescription("The objects under a prefix.") @Nullable
        Source source,

        @JsonPropertyDescription("What a function or a model makes of another Dataset: a materialised view.") @Nullable
        From from,

        @JsonPropertyDescription("Data made up by Tidemill.") @Nullable
        Generate generate,

        @JsonPropertyDescription("Where a derived or generated Dataset writes its objects.") @Nullable
        Output output,

        @JsonPropertyDescription("How the objects are read.")
        DataFormat format,

        @JsonPropertyDescription("How the objects are cut into shards, the units of work.")
        Partition partition,

        @JsonPropertyDescription(
                "The most requests for this Dataset at a time; it narrows the Function's own and never widens it.")
        @Min(1)
        @Max(10_000)
        @Nullable
        Integer maxConcurrency,

        @JsonPropertyDescription("How much may fail before the Dataset fails.")
        FailurePolicy failurePolicy,

        @JsonPropertyDescription(
                "When what was computed is computed again: OnChange (the default) of input or function, "
                        + "OnInputChange, or Never.")
        @Nullable
        Reprocess reprocess,

        @JsonPropertyDescription("How often everything is listed again, events or not, such as 10m.")
        @Pattern(TimeSpan.PATTERN)
        @ValidationRule(value = "duration(self) >= duration('5s')", message = Rules.RESYNC_SHORT)
        @Default("10m")
        TimeSpan resync,

        @JsonPropertyDescription("How long what is no longer referenced stays readable, such as 24h.")
        @Pattern(TimeSpan.PATTERN)
        @Default("24h")
        TimeSpan retention,

        @JsonPropertyDescription(
                "What happens to the output objects when the Dataset is deleted. Its ledger goes with it.")
        @Default("Retain")
        DeletionPolicy deletionPolicy,

        @JsonPropertyDescription("Stops starting work; what is committed stays.")
        boolean suspend) {

    /** What a Dataset is told whose {@code from} names itself. */
    public static final String FROM_ITSELF = "a Dataset cannot be made from itself: name another one in from.dataset";

    public DatasetSpec {
        store = Objects.requireNonNullElse(store, Defaults.STORE);
        format = Objects.requireNonNullElse(format, DataFormat.AUTO);
        partition = Objects.requireNonNullElse(partition, Partition.DEFAULT);
        failurePolicy = Objects.requireNonNullElse(failurePolicy, FailurePolicy.NONE);
        resync = Objects.requireNonNullElseGet(resync, () -> TimeSpan.parse("10m"));
        retention = Objects.requireNonNullElseGet(retention, () -> TimeSpan.parse("24h"));
        deletionPolicy = Objects.requireNonNullElse(deletionPolicy, DeletionPolicy.Retain);
    }

    /**
     * Where the objects come from.
     *
     * @throws IllegalStateException unless there is exactly one; Validation has said so before
     */
    public Origin origin() {
        var origins = Stream.<@Nullable Origin>of(source, from, generate)
                .filter(Objects::nonNull)
                .toList();
        if (origins.size() != 1) {
            throw new IllegalStateException(Rules.ONE_ORIGIN);
        }
        return Objects.requireNonNull(origins.getFirst());
    }

    /** Where the objects lie; empty for a Dataset that is one value. */
    public Optional<S3Prefix> place() {
        if (source != null) {
            return Optional.of(S3Prefix.of(source.bucket(), source.prefix()));
        }
        return Optional.ofNullable(output).map(written -> S3Prefix.of(written.bucket(), written.prefix()));
    }

    /** How changes reach what was computed before. */
    public Reprocess reprocessOrDefault() {
        return Objects.requireNonNullElse(reprocess, Reprocess.OnChange);
    }

    /** Where the objects of a Dataset come from. */
    public sealed interface Origin {}

    /**
     * The objects under a prefix.
     *
     * @param prefix empty or ending with {@code /}
     * @param include globs over the key behind the prefix; empty means everything
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Source(
            @JsonPropertyDescription("The bucket.") @Required @Pattern(Bucket.PATTERN) @Size(max = 63)
            String bucket,

            @JsonPropertyDescription("The folder in the bucket; a trailing / is understood, empty is the whole bucket.")
            @Default("''")
            @Size(max = 1000)
            @ValidationRule(value = "!self.startsWith('/')", message = Rules.PREFIX_SLASH)
            String prefix,

            @JsonPropertyDescription(
                    "Globs of the keys that belong to it, behind the prefix, such as **/*.csv; everything where "
                            + "left out.")
            @Size(max = 100)
            List<String> include,

            @JsonPropertyDescription("Globs of keys that do not belong to it though they are included.")
            @Size(max = 100)
            List<String> exclude)
            implements Origin {

        public Source {
            Objects.requireNonNull(bucket, "bucket");
            prefix = Defaults.folder(prefix);
            include = Defaults.list(include);
            exclude = Defaults.list(exclude);
        }
    }

    /** What a function or model makes of another Dataset of the same namespace. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(value = "has(self.function) != has(self.model)", message = Rules.ONE_WORKER)
    @ValidationRule(value = "!has(self.combineFunction) || self.combine == 'Tree'", message = Rules.COMBINE_FUNCTION)
    @ValidationRule(value = "!has(self.model) || self.combine == 'None'", message = Rules.COMBINE_MODEL)
    @ValidationRule(value = "self.combine == oldSelf.combine", message = Rules.COMBINE_FIXED)
    public record From(
            @JsonPropertyDescription("The Dataset to read, in the same namespace.") @Required
            String dataset,

            @JsonPropertyDescription("The Function that gets each shard.") @Nullable
            String function,

            @JsonPropertyDescription("The Model that gets each shard, instead of a function.") @Nullable
            String model,

            @JsonPropertyDescription(
                    "Tree reduces the replies, level by level, to the one value in status.result; None makes each "
                            + "reply an object.")
            @Default("None")
            Combine combine,

            @JsonPropertyDescription("The Function that combines; the same one where left out.") @Nullable
            String combineFunction)
            implements Origin {

        public From {
            Objects.requireNonNull(dataset, "dataset");
            combine = Objects.requireNonNullElse(combine, Combine.None);
        }
    }

    /**
     * Data made up from a seed: the same declaration gives the same bytes.
     *
     * @param rows over all objects together, spread evenly
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(value = "self.objects <= self.rows", message = Rules.GENERATE_OBJECTS)
    public record Generate(
            @JsonPropertyDescription("The number of rows, over all objects together.")
            @Required
            @Min(1)
            @Max(1_000_000_000_000L)
            Long rows,

            @JsonPropertyDescription("The columns, in this order.") @Required @Size(min = 1, max = 1000)
            List<Column> columns,

            @JsonPropertyDescription("The seed: the same declaration gives the same bytes.") @Default("0")
            Long seed,

            @JsonPropertyDescription("The number of objects that the rows are spread over.")
            @Default("1")
            @Min(1)
            @Max(1_000_000)
            Integer objects)
            implements Origin {

        public Generate {
            Objects.requireNonNull(rows, "rows");
            columns = Defaults.list(columns);
            seed = Objects.requireNonNullElse(seed, 0L);
            objects = Objects.requireNonNullElse(objects, 1);
        }
    }

    /** One made-up column. Decimal numbers are text, so that no float rounds them on the way. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(value = "(self.distribution == 'Choice') == has(self.values)", message = Rules.CHOICE_VALUES)
    @ValidationRule(
            value = "!(self.distribution in ['Uniform', 'Integer'])"
                    + " || double(has(self.min) ? self.min : '0') < double(has(self.max) ? self.max : '1')",
            message = Rules.UNIFORM_RANGE)
    public record Column(
            @JsonPropertyDescription("The column's name.") @Required @Size(min = 1, max = 250)
            String name,

            @JsonPropertyDescription(
                    "Uniform in [min, max); Integer: whole numbers in [min, max); Normal by mean and stddev; "
                            + "Sequence: 0, 1, 2 …; Choice among values.")
            @Default("Uniform")
            Distribution distribution,

            @JsonPropertyDescription("The least value, 0 where left out.") @Pattern(DECIMAL) @Nullable
            String min,

            @JsonPropertyDescription("The bound that is not reached, 1 where left out.") @Pattern(DECIMAL) @Nullable
            String max,

            @JsonPropertyDescription("The mean, 0 where left out.") @Pattern(DECIMAL) @Nullable
            String mean,

            @JsonPropertyDescription("The standard deviation, 1 where left out.") @Pattern(UNSIGNED_DECIMAL) @Nullable
            String stddev,

            @JsonPropertyDescription("The texts that Choice draws from.") @Size(max = 1000)
            List<String> values,

            @JsonPropertyDescription("How many of a hundred values are null, on average.")
            @Default("0")
            @Min(0)
            @Max(100)
            Integer nullPercent) {

        static final String UNSIGNED_DECIMAL = "^[0-9]{1,18}(\\.[0-9]{1,18})?$";
        static final String DECIMAL = "^-?[0-9]{1,18}(\\.[0-9]{1,18})?$";

        public Column {
            Objects.requireNonNull(name, "name");
            distribution = Objects.requireNonNullElse(distribution, Distribution.Uniform);
            values = Defaults.list(values);
            nullPercent = Objects.requireNonNullElse(nullPercent, 0);
        }

        public double minOrDefault() {
            return min == null ? 0 : Double.parseDouble(min);
        }

        public double maxOrDefault() {
            return max == null ? 1 : Double.parseDouble(max);
        }

        public double meanOrDefault() {
            return mean == null ? 0 : Double.parseDouble(mean);
        }

        public double stddevOrDefault() {
            return stddev == null ? 1 : Double.parseDouble(stddev);
        }
    }

    /** What a made-up column is drawn from. */
    public enum Distribution {
        Uniform,
        Integer,
        Normal,
        Sequence,
        Choice
    }

    /**
     * Where the objects of a derived or generated Dataset are written.
     *
     * @param prefix never empty, ends with {@code /}
     * @param format null means as the function's content type says; Csv for generated data
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Output(
            @JsonPropertyDescription("The bucket.") @Required @Pattern(Bucket.PATTERN) @Size(max = 63)
            String bucket,

            @JsonPropertyDescription(
                    "The folder in the bucket that is this Dataset's alone; a trailing / is understood.")
            @Required
            @Size(max = 800)
            @ValidationRule(value = "!self.startsWith('/')", message = Rules.PREFIX_SLASH)
            @ValidationRule(value = "self.size() > 0", message = Rules.OUTPUT_PREFIX)
            String prefix,

            @JsonPropertyDescription(
                    "The format of the objects; where left out, Csv for generated data, JsonLines for a Model's "
                            + "predictions (Csv and Npy are the others) and what the function's content type says "
                            + "for what a function derives.")
            DataFormat.@Nullable Type format) {

        public Output {
            Objects.requireNonNull(bucket, "bucket");
            Objects.requireNonNull(prefix, "prefix");
            prefix = Defaults.folder(prefix);
        }
    }

    /**
     * How objects are cut into shards: {@code scale} of them, or by size.
     *
     * @param targetBytes set to 64Mi when {@code scale} is not given
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(value = "!(has(self.scale) && has(self.targetBytes))", message = Rules.ONE_PARTITION)
    public record Partition(
            @JsonPropertyDescription("The number of shards in all; n or fewer objects have one shard each.")
            @Min(1)
            @Max(10_000)
            @Nullable
            Integer scale,

            @JsonPropertyDescription("How big a shard should be, such as 64Mi (the default).")
            @Pattern(ByteSize.PATTERN)
            @Nullable
            ByteSize targetBytes,

            @JsonPropertyDescription(
                    "Objects keeps objects whole; Records cuts big CSV and JSON Lines objects between records, for "
                            + "functions that understand byte ranges.")
            @Default("Objects")
            Split split) {

        static final Partition DEFAULT = new Partition(null, null, Split.Objects);

        public Partition {
            if (scale == null && targetBytes == null) {
                targetBytes = ByteSize.ofMebibytes(64);
            }
            split = Objects.requireNonNullElse(split, Split.Objects);
        }
    }

    /** Where shards may begin and end. */
    public enum Split {
        Objects,
        Records
    }

    /** How replies become the result. */
    public enum Combine {
        None,
        Tree
    }

    /** What makes finished work be done again. */
    public enum Reprocess {
        OnChange,
        OnInputChange,
        Never
    }

    /** What happens to output objects when the Dataset is deleted. */
    public enum DeletionPolicy {
        Retain,
        Delete
    }

    /** How much may fail. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record FailurePolicy(
            @JsonPropertyDescription(
                    "How many of a hundred of all objects may fail; the others are committed and the Dataset is "
                            + "Degraded.")
            @Default("0")
            @Min(0)
            @Max(100)
            Integer toleratedPercent) {

        static final FailurePolicy NONE = new FailurePolicy(0);

        public FailurePolicy {
            toleratedPercent = Objects.requireNonNullElse(toleratedPercent, 0);
        }
    }
}
