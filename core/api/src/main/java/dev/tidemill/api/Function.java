package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Something that answers CloudEvents, with the data that it opens and a cap on how often it is called at once. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Function(
        String apiVersion,
        @Required Metadata metadata,
        @Required FunctionSpec spec,
        @Nullable FunctionStatus status) implements Resource {

    static final String KIND = "Function";

    public Function {
        apiVersion = Objects.requireNonNullElse(apiVersion, API_VERSION);
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(spec, "spec");
    }

    public Function(Metadata metadata, FunctionSpec spec) {
        this(API_VERSION, metadata, spec, null);
    }
}
