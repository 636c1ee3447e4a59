package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One observation, as Kubernetes writes it.
 *
 * @param lastTransitionTime when {@code status} last changed, in whole seconds
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Condition(
        @JsonPropertyDescription("What is observed, such as Ready.") @Required
        String type,

        @JsonPropertyDescription("Whether it holds.") @Required
        Status status,

        @JsonPropertyDescription("The generation of the spec that was observed.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("When status last changed.") @Required
        Instant lastTransitionTime,

        @JsonPropertyDescription("Why, in one CamelCase word.") @Required
        String reason,

        @JsonPropertyDescription("Why, and what to do about it.")
        String message) {

    public static final String READY = "Ready";
    public static final String PROGRESSING = "Progressing";
    public static final String DEGRADED = "Degraded";

    /** Words that ten thousand conditions have in common are kept once. */
    public Condition {
        type = type.intern();
        reason = reason.intern();
        lastTransitionTime = lastTransitionTime.truncatedTo(ChronoUnit.SECONDS);
        message = Objects.requireNonNullElse(message, "");
    }

    /** Whether a condition holds. */
    public enum Status {
        True,
        False,
        Unknown
    }

    /** Whether it is observed to hold. */
    public boolean holds() {
        return status == Status.True;
    }

    /** The one of a type, or null. */
    public static @Nullable Condition find(List<Condition> conditions, String type) {
        return conditions.stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElse(null);
    }

    boolean sameAs(Condition other) {
        return equals(new Condition(
                other.type, other.status, other.observedGeneration, lastTransitionTime, other.reason, other.message));
    }
}
