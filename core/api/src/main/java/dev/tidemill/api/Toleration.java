package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** A taint of nodes that a pod bears, as in a pod. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Toleration(
        @JsonPropertyDescription("The taint's key; every key where left out.") @Nullable
        String key,

        @JsonPropertyDescription("Equal (the default) compares the value, Exists does not.") @Nullable
        Operator operator,

        @JsonPropertyDescription("The taint's value.") @Nullable
        String value,

        @JsonPropertyDescription("The taint's effect; every effect where left out.") @Nullable
        Effect effect,

        @JsonPropertyDescription("For NoExecute: how long the pod stays, in seconds.") @Nullable
        Long tolerationSeconds) {

    /** How key and value are compared. */
    public enum Operator {
        Equal,
        Exists
    }

    /** What a taint does to pods that do not bear it. */
    public enum Effect {
        NoSchedule,
        PreferNoSchedule,
        NoExecute
    }
}
