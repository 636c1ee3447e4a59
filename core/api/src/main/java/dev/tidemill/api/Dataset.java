package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Objects under a prefix, what is made of another Dataset, or generated data. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Dataset(
        String apiVersion,
        @Required Metadata metadata,
        @Required DatasetSpec spec,
        @Nullable DatasetStatus status) implements Resource {

    static final String KIND = "Dataset";

    public Dataset {
        apiVersion = Objects.requireNonNullElse(apiVersion, API_VERSION);
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(spec, "spec");
    }

    public Dataset(Metadata metadata, DatasetSpec spec) {
        this(API_VERSION, metadata, spec, null);
    }
}
