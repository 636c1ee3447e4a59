package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What training a Model came to: the result of its last round, and the object beside the model whose name ends with {@code .json}.
 *
 * @param done true; tells it from the state of a round
 * @param artifact the model
 * @param algorithm by which it was learned
 * @param dataset and {@code revision}: what it was learned from
 * @param rows of that
 * @param rounds that it took
 * @param converged whether more of them would change nothing
 * @param metrics over the rows that it was trained on
 * @param profile the key of the profile of those rows, beside the model
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrainedModel(
        boolean done,
        ModelSpec.Source artifact,
        ModelSpec.Algorithm algorithm,
        String dataset,
        long revision,
        long rows,
        int rounds,
        boolean converged,
        Map<String, Double> metrics,
        @Nullable String profile) {

    public TrainedModel {
        metrics = Map.copyOf(new java.util.TreeMap<>(Defaults.map(metrics)));
    }

    /**
     * What the Dataset of a training has come to for its generation, once no round is under way.
     *
     * @param elsewhere reads what is too large for a status, by its address {@code s3://bucket/key}
     */
    public static Optional<TrainedModel> of(
            DatasetStatus status, Function<String, ? extends @Nullable JsonNode> elsewhere) {
        if (!holds(status, Condition.READY) || holds(status, Condition.PROGRESSING)) {
            return Optional.empty();
        }
        return of(status.resultObject() == null ? status.result() : elsewhere.apply(status.resultObject()));
    }

    private static boolean holds(DatasetStatus status, String type) {
        return status.conditions().stream()
                .anyMatch(condition -> condition.type().equals(type) && condition.holds());
    }

    /** Where the profile lies of what it was trained on, if it is known. */
    public @Nullable String profileAddress() {
        return profile == null ? null : "s3://" + artifact.bucket() + "/" + profile;
    }

    /** What a Dataset's result says, if it is this. */
    static Optional<TrainedModel> of(@Nullable JsonNode result) {
        return result != null && result.path("done").asBoolean() && result.has("artifact")
                ? Optional.of(Json.mapper().convertValue(result, TrainedModel.class))
                : Optional.empty();
    }
}
