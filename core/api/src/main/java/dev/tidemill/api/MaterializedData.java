package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * The data of {@link EventTypes#DATASET_MATERIALIZED}: a revision is committed. The event's id is a digest of Dataset and revision, so
 * that a repetition is recognised.
 *
 * @param manifest where the committed list lies
 * @param result the one value of a Dataset with {@code combine}, up to 1 KiB
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MaterializedData(
        String namespace,
        String dataset,
        long revision,
        long objects,
        long bytes,
        @Nullable Long rows,
        @Nullable String manifest,
        @Nullable JsonNode result) {}
