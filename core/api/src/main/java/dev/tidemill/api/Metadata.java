package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The part of Kubernetes' object metadata that Tidemill looks at; what a cluster adds for itself is let through and dropped. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties({
    "resourceVersion",
    "managedFields",
    "selfLink",
    "ownerReferences",
    "finalizers",
    "deletionTimestamp",
    "deletionGracePeriodSeconds"
})
public record Metadata(
        @Required String name,
        @Nullable String namespace,
        Map<String, String> labels,
        Map<String, String> annotations,
        @Nullable String uid,
        @Nullable Long generation,
        @Nullable Instant creationTimestamp) {

    /** What every resource may be named: a DNS label, because its workloads are named after it. */
    public static final String NAME_PATTERN = "^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$";

    /** Said when a name is not like that. */
    public static final String NAME_RULE =
            "a name has at most 63 lower-case letters, digits and -, begins with a letter and does not end with -";

    /** A folder of files that the laptop uploads (Dataset), or what it starts in place of an image (Function). */
    public static final String LOCAL = "tidemill.dev/local";

    /** Takes over a ledger or an output prefix that another owner left. */
    public static final String ADOPT = "tidemill.dev/adopt";

    /** Lets a removal of most objects happen: its value is the base revision. */
    public static final String CONFIRM_REMOVAL = "tidemill.dev/confirm-removal";

    /** Tries again what failed for good, once for each new value. */
    public static final String REDRIVE = "tidemill.dev/redrive";

    public Metadata {
        Objects.requireNonNull(name, "name");
        labels = Defaults.map(labels);
        annotations = Defaults.map(annotations);
    }

    public static Metadata named(@Nullable String namespace, String name) {
        return new Metadata(name, namespace, Map.of(), Map.of(), null, null, null);
    }

    /** The value of an annotation, or null. */
    public @Nullable String annotation(String key) {
        return annotations.get(key);
    }
}
