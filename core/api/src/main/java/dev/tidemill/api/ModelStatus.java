package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a Model is seen to be. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ModelStatus(
        @JsonPropertyDescription("The generation of the spec that this describes.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Ready, Progressing and what stands behind them.")
        List<Condition> conditions,

        @JsonPropertyDescription("Where it answers inference requests.") @Nullable
        String url,

        @JsonPropertyDescription("Which versions serve.") @Nullable
        Versions modelState,

        @JsonPropertyDescription("The last failure to load or serve.") @Nullable
        LastFailure lastFailure,

        @JsonPropertyDescription("What it runs on, such as cpu or gpu.") @Nullable
        String device) {

    /** Nothing is seen yet. */
    public static final ModelStatus EMPTY = new ModelStatus(null, List.of(), null, null, null, null);

    public ModelStatus {
        conditions = Conditions.trim(conditions);
    }

    /** The same with other conditions. */
    public ModelStatus with(@Nullable Long generation, List<Condition> observed) {
        return new ModelStatus(generation, observed, url, modelState, lastFailure, device);
    }

    /** The versions of a model, each the revision that made it or the digest of its object. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Versions(
            @JsonPropertyDescription("The version that serves.") @Nullable
            String active,

            @JsonPropertyDescription("The version that is being brought up.") @Nullable
            String target) {}

    /** What went wrong last. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record LastFailure(
            @JsonPropertyDescription("The object that could not be used.") @Nullable
            String location,

            @JsonPropertyDescription("The kind of failure, one word.") @Nullable
            String reason,

            @JsonPropertyDescription("What happened and what to do.") @Nullable
            String message) {}
}
