package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a store was measured to do. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ObjectStoreStatus(
        @JsonPropertyDescription("The generation of the spec that this describes.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription(
                "Ready, ConditionalCreate, ConditionalReplace, Notifications and ScopedCredentials, as measured.")
        List<Condition> conditions,

        @JsonPropertyDescription("When it was measured.") @Nullable
        Instant probedAt) {

    public ObjectStoreStatus {
        conditions = Conditions.trim(conditions);
    }
}
