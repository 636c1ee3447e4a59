package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Locale;

/** One of Tidemill's four resources, as it stands in a YAML file. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ObjectStore.class, name = ObjectStore.KIND),
    @JsonSubTypes.Type(value = Dataset.class, name = Dataset.KIND),
    @JsonSubTypes.Type(value = Function.class, name = Function.KIND),
    @JsonSubTypes.Type(value = Model.class, name = Model.KIND)
})
public sealed interface Resource permits ObjectStore, Dataset, Function, Model {

    String GROUP = "tidemill.dev";
    String VERSION = "v1alpha1";
    String API_VERSION = GROUP + "/" + VERSION;

    String apiVersion();

    Metadata metadata();

    /** The kind as YAML has it, such as {@code Dataset}. */
    default String kind() {
        return getClass().getSimpleName();
    }

    /** The name that {@code kubectl} knows, such as {@code dataset/rand-data}. */
    default String reference() {
        return kind().toLowerCase(Locale.ROOT) + "/" + metadata().name();
    }
}
