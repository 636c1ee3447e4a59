package dev.tidemill.operator.model;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelStatus.LastFailure;
import dev.tidemill.dataflow.TrainingProgress;
import dev.tidemill.operator.serving.Rollout;
import dev.tidemill.operator.serving.ServingPlan;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What went wrong with a Model, told with the object that it went wrong with. */
final class Failures {

    /** What the model server ends with, after what Knative says of a container that ended. */
    private static final Pattern LAST_WORDS =
            Pattern.compile("Container failed with: (?<reason>[A-Z]\\w+): (?<message>.+)", Pattern.DOTALL);

    /** Where a training says that it failed. */
    private static final Pattern PLACE =
            Pattern.compile("(?:^|; the first: )(?<object>s3://.+?)(?:, line \\d+)?(?:, byte \\d+)?: ");

    private Failures() {}

    /**
     * That which keeps what was declared from being served, or newer input from being learned; null while nothing does, and for what is
     * refused before it is tried.
     *
     * @param served the object that is to be served, as far as it is known
     */
    static @Nullable LastFailure last(ModelSpec.@Nullable Source served, List<Condition> conditions) {
        if (conditions.stream()
                .anyMatch(condition -> condition.type().equals(ServingPlan.ACCEPTED) && !condition.holds())) {
            return null;
        }
        return Stream.of(TrainingProgress.TRAINED, Artifact.TYPE, Rollout.ROLLED_OUT, Condition.DEGRADED)
                .flatMap(type ->
                        conditions.stream().filter(condition -> condition.type().equals(type)))
                .filter(condition -> condition.type().equals(Condition.DEGRADED)
                        ? condition.holds()
                        : condition.status() == Status.False)
                .findFirst()
                .map(failed -> isOfTraining(failed)
                        ? new LastFailure(place(failed.message()), failed.reason(), failed.message())
                        : ofServing(isOfArtifact(failed) ? served : null, failed))
                .orElse(null);
    }

    private static LastFailure ofServing(ModelSpec.@Nullable Source object, Condition failed) {
        var words = LAST_WORDS.matcher(failed.message());
        var told = words.find();
        return new LastFailure(
                object == null ? null : "s3://" + object.bucket() + "/" + object.key(),
                told ? words.group("reason") : failed.reason(),
                told ? words.group("message") : failed.message());
    }

    private static boolean isOfTraining(Condition failed) {
        return failed.type().equals(TrainingProgress.TRAINED) || failed.type().equals(Condition.DEGRADED);
    }

    private static @Nullable String place(String message) {
        var place = PLACE.matcher(message);
        return place.find() ? place.group("object") : null;
    }

    /** An image that cannot be had says nothing of the model. */
    private static boolean isOfArtifact(Condition failed) {
        return !failed.reason().contains("Image") && !failed.reason().equals("ContainerMissing");
    }
}
