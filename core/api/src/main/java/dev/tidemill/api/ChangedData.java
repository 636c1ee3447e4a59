package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data of {@link EventTypes#DATASET_CHANGED}: a hint, never the truth. What there is to do is decided by listing.
 *
 * @param dataset the Dataset in the namespace of the broker; null means every one that holds one of the keys
 * @param keys the keys that changed; empty means anything may have
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ChangedData(
        @Nullable String dataset, @Nullable String bucket, List<String> keys) {

    public ChangedData {
        keys = Defaults.list(keys);
    }
}
