package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a Function is seen to be. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record FunctionStatus(
        @JsonPropertyDescription("The generation of the spec that this describes.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Ready and what stands behind it.")
        List<Condition> conditions,

        @JsonPropertyDescription("Where it answers.") @Nullable
        String url,

        @JsonPropertyDescription("How long it took to wake up, lately.") @Nullable
        ColdStart coldStart) {

    public FunctionStatus {
        conditions = Conditions.trimServed(conditions);
    }

    /** Wake-ups from zero: the first request to its answer. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record ColdStart(
            @JsonPropertyDescription("How many were measured.") @Nullable
            Long count,

            @JsonPropertyDescription("Half of them took no longer than this.") @Pattern(TimeSpan.PATTERN) @Nullable
            TimeSpan p50,

            @JsonPropertyDescription("99 of a hundred took no longer than this.") @Pattern(TimeSpan.PATTERN) @Nullable
            TimeSpan p99) {}
}
