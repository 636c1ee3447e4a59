package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An S3 store with its grants; cluster-scoped. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ObjectStore(
        String apiVersion,
        @Required Metadata metadata,
        @Required ObjectStoreSpec spec,
        @Nullable ObjectStoreStatus status)
        implements Resource {

    /** The one that is meant where none is named. */
    public static final String DEFAULT = "default";

    static final String KIND = "ObjectStore";

    public ObjectStore {
        apiVersion = Objects.requireNonNullElse(apiVersion, API_VERSION);
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(spec, "spec");
    }

    public ObjectStore(Metadata metadata, ObjectStoreSpec spec) {
        this(API_VERSION, metadata, spec, null);
    }
}
