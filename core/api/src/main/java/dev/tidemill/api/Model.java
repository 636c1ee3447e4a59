package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A trained model that is served. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Model(
        String apiVersion,
        @Required Metadata metadata,
        @Required ModelSpec spec,
        @Nullable ModelStatus status) implements Resource {

    static final String KIND = "Model";

    public Model {
        apiVersion = Objects.requireNonNullElse(apiVersion, API_VERSION);
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(spec, "spec");
    }

    public Model(Metadata metadata, ModelSpec spec) {
        this(API_VERSION, metadata, spec, null);
    }
}
