package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An environment variable, as in a pod. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(value = "!(has(self.value) && has(self.valueFrom))", message = Rules.ENV_ONE_VALUE)
public record EnvVar(
        @JsonPropertyDescription("The variable's name.") @Required @Pattern("^[-._a-zA-Z][-._a-zA-Z0-9]*$")
        String name,

        @JsonPropertyDescription("Its value as it is.") @Nullable
        String value,

        @JsonPropertyDescription("Where its value comes from.") @Nullable
        ValueFrom valueFrom) {

    public EnvVar {
        Objects.requireNonNull(name, "name");
    }

    /** Exactly one of the four sources that a pod knows. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(
            value =
                    "[has(self.secretKeyRef), has(self.configMapKeyRef), has(self.fieldRef), has(self.resourceFieldRef)]"
                            + ".filter(x, x).size() == 1",
            message = Rules.ENV_ONE_SOURCE)
    public record ValueFrom(
            @JsonPropertyDescription("A key of a Secret in the same namespace.") @Nullable
            KeyRef secretKeyRef,

            @JsonPropertyDescription("A key of a ConfigMap in the same namespace.") @Nullable
            KeyRef configMapKeyRef,

            @JsonPropertyDescription("A field of the pod.") @Nullable
            FieldRef fieldRef,

            @JsonPropertyDescription("A resource of the container.") @Nullable
            ResourceFieldRef resourceFieldRef) {}

    /** One entry of a Secret or ConfigMap. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record KeyRef(
            @JsonPropertyDescription("The object's name.") @Required
            String name,

            @JsonPropertyDescription("The key in it.") @Required
            String key,

            @JsonPropertyDescription("Whether the pod starts without it.") @Nullable
            Boolean optional) {}

    /** A field of the pod, such as {@code metadata.name}. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record FieldRef(
            @JsonPropertyDescription("The path, such as metadata.name.") @Required
            String fieldPath,

            @JsonPropertyDescription("The schema that the path is of.") @Nullable
            String apiVersion) {}

    /** A resource of the container, such as {@code limits.memory}. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record ResourceFieldRef(
            @JsonPropertyDescription("The resource, such as limits.memory.") @Required
            String resource,

            @JsonPropertyDescription("The container; its own where left out.") @Nullable
            String containerName,

            @JsonPropertyDescription("The unit to give it in, such as 1Mi.") @Nullable
            String divisor) {}
}
