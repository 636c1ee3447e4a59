package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a Dataset is seen to be: counters and pointers. It serialises to less than 16 KiB whatever it is made from, because its
 * constructor cuts: column names and values to {@value #TEXT_BYTES} bytes, the columns together to 8 KiB, a result above 1 KiB is
 * left out ({@code resultObject} points to it).
 *
 * @param columns as many as fit, in order
 * @param columnCount how many there are
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record DatasetStatus(
        @JsonPropertyDescription("The generation of the spec that this describes.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription(
                "Ready (a revision of this generation is committed), Progressing (newer input is being worked on), "
                        + "Degraded (something failed within what is tolerated).")
        List<Condition> conditions,

        @JsonPropertyDescription("How many objects the committed revision has.") @Nullable
        Long objects,

        @JsonPropertyDescription("Their bytes.") @Nullable Long bytes,

        @JsonPropertyDescription("Their rows, as far as the profile has counted.") @Nullable
        Long rows,

        @JsonPropertyDescription("The committed revision, counted up.") @Nullable
        Long revision,

        @JsonPropertyDescription("The revision that rows and columns describe.") @Nullable
        Long profileRevision,

        @JsonPropertyDescription("When the revision was committed.") @Nullable
        Instant committedAt,

        @JsonPropertyDescription("Where the committed manifest lies.") @Nullable
        String manifest,

        @JsonPropertyDescription("Where the whole profile lies.") @Nullable
        String profile,

        @JsonPropertyDescription("The work of the current run.") @Nullable
        Items items,

        @JsonPropertyDescription("How many columns there are.") @Nullable
        Integer columnCount,

        @JsonPropertyDescription("The first columns, as many as fit in 8 KiB; the profile has them all.")
        List<ColumnSummary> columns,

        @JsonPropertyDescription("The one value of a Dataset with combine, up to 1 KiB.")
        @PreserveUnknownFields
        @Nullable
        JsonNode result,

        @JsonPropertyDescription("Where the one value lies when it is larger.") @Nullable
        String resultObject) {

    static final int COLUMNS_BYTES = 8 << 10;
    static final int RESULT_BYTES = 1 << 10;
    static final int TEXT_BYTES = 256;

    /** The longest {@code s3://} pointer: bucket, namespace and name have 63 bytes each, what the ledger adds has about 100. */
    static final int POINTER_BYTES = 512;

    public DatasetStatus {
        conditions = Conditions.trim(conditions);
        manifest = pointer(manifest);
        profile = pointer(profile);
        resultObject = pointer(resultObject);
        var all = Defaults.list(columns);
        columnCount = columnCount == null && !all.isEmpty() ? Integer.valueOf(all.size()) : columnCount;
        columns = fitting(all);
        result = result != null && Text.documentBytes(Json.text(result)) > RESULT_BYTES ? null : result;
    }

    /** A status with nothing in it. */
    public static DatasetStatus empty() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Everything in this status, to be changed. */
    public Builder with() {
        return new Builder(this);
    }

    private static List<ColumnSummary> fitting(List<ColumnSummary> columns) {
        var kept = new ArrayList<ColumnSummary>();
        var room = COLUMNS_BYTES - 2;
        for (var column : columns) {
            room -= Text.documentBytes(Json.text(column)) + 1;
            if (room < 0) {
                break;
            }
            kept.add(column);
        }
        return List.copyOf(kept);
    }

    private static @Nullable String pointer(@Nullable String pointer) {
        if (pointer != null && Text.jsonBytes(pointer) > POINTER_BYTES) {
            throw new IllegalArgumentException(
                    "a pointer in a status has at most " + POINTER_BYTES + " bytes: " + pointer);
        }
        return pointer;
    }

    /** The work items (shards and groups to combine) of the current run. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Items(
            @JsonPropertyDescription("All of them.") long total,

            @JsonPropertyDescription("Sent and not answered.")
            long running,

            @JsonPropertyDescription("Done, in this run or before.")
            long succeeded,

            @JsonPropertyDescription("Failed for good.") long failed) {}

    /**
     * One column in short. Names and texts are cut to {@value DatasetStatus#TEXT_BYTES} bytes.
     *
     * @param mean as decimal text, for NaN and infinities have no JSON number
     * @param min in the column's own spelling
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record ColumnSummary(
            @JsonPropertyDescription("The column's name.") String name,
            @JsonPropertyDescription("Its inferred type.") String type,

            @JsonPropertyDescription("How many rows have it.")
            long count,

            @JsonPropertyDescription("How many values are null.")
            long nulls,

            @JsonPropertyDescription("The mean of its numbers, as text.") @Nullable
            String mean,

            @JsonPropertyDescription("The least value.") @Nullable
            String min,

            @JsonPropertyDescription("The greatest value.") @Nullable
            String max) {

        public ColumnSummary {
            name = Text.cut(name, TEXT_BYTES);
            type = Text.cut(type, TEXT_BYTES).intern();
            mean = mean == null ? null : Text.cut(mean, TEXT_BYTES);
            min = min == null ? null : Text.cut(min, TEXT_BYTES);
            max = max == null ? null : Text.cut(max, TEXT_BYTES);
        }
    }

    /** Gathers a status. */
    public static final class Builder {
        private @Nullable Long observedGeneration;
        private List<Condition> conditions = List.of();
        private @Nullable Long objects;
        private @Nullable Long bytes;
        private @Nullable Long rows;
        private @Nullable Long revision;
        private @Nullable Long profileRevision;
        private @Nullable Instant committedAt;
        private @Nullable String manifest;
        private @Nullable String profile;
        private @Nullable Items items;
        private @Nullable Integer columnCount;
        private List<ColumnSummary> columns = List.of();
        private @Nullable JsonNode result;
        private @Nullable String resultObject;

        private Builder() {}

        private Builder(DatasetStatus status) {
            observedGeneration = status.observedGeneration;
            conditions = status.conditions;
            objects = status.objects;
            bytes = status.bytes;
            rows = status.rows;
            revision = status.revision;
            profileRevision = status.profileRevision;
            committedAt = status.committedAt;
            manifest = status.manifest;
            profile = status.profile;
            items = status.items;
            columnCount = status.columnCount;
            columns = status.columns;
            result = status.result;
            resultObject = status.resultObject;
        }

        public Builder observed(@Nullable Long generation, List<Condition> conditions) {
            this.observedGeneration = generation;
            this.conditions = conditions;
            return this;
        }

        public Builder counted(@Nullable Long objects, @Nullable Long bytes, @Nullable Long rows) {
            this.objects = objects;
            this.bytes = bytes;
            this.rows = rows;
            return this;
        }

        public Builder committed(long revision, @Nullable Instant at, @Nullable String manifest) {
            this.revision = revision;
            this.committedAt = at;
            this.manifest = manifest;
            return this;
        }

        /**
         * The profile in short.
         *
         * @param columnCount how many there are, when {@code columns} was cut already
         */
        public Builder profiled(
                long profileRevision,
                @Nullable String profile,
                @Nullable Integer columnCount,
                List<ColumnSummary> columns) {
            this.profileRevision = profileRevision;
            this.profile = profile;
            this.columnCount = columnCount;
            this.columns = columns;
            return this;
        }

        public Builder items(@Nullable Items items) {
            this.items = items;
            return this;
        }

        public Builder result(@Nullable JsonNode result, @Nullable String resultObject) {
            this.result = result;
            this.resultObject = resultObject;
            return this;
        }

        public DatasetStatus build() {
            return new DatasetStatus(
                    observedGeneration,
                    conditions,
                    objects,
                    bytes,
                    rows,
                    revision,
                    profileRevision,
                    committedAt,
                    manifest,
                    profile,
                    items,
                    columnCount,
                    Objects.requireNonNull(columns),
                    result,
                    resultObject);
        }
    }
}
