package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * The data of {@link EventTypes#DATASET_FAILED}: a run ended and nothing was committed.
 *
 * @param revision the committed revision, which stays; 0 before the first
 * @param reason the condition's
 * @param message the condition's
 * @param failures the first few
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record FailedData(
        String namespace, String dataset, long revision, String reason, String message, List<FailureData> failures) {

    public FailedData {
        failures = Defaults.list(failures);
    }
}
