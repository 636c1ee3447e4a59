package dev.tidemill.operator.model;

import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.dataflow.TrainingProgress;
import dev.tidemill.operator.dataset.Trainings;
import org.jspecify.annotations.Nullable;

/** What the driver's word on a training means for the Model. */
final class ModelTraining {

    private ModelTraining() {}

    /**
     * @param trainings in which the driver tells of this generation, once it has begun
     * @param store the one that the model lies in
     */
    static TrainingProgress of(ModelResource model, Trainings trainings, String store) {
        return TrainingProgress.of(
                model.getStatus(),
                model.generation(),
                trainings.status(model).orElse(null),
                trainings
                        .trained(model, store)
                        .map(made -> ModelStatus.Made.of(made, store))
                        .orElse(null));
    }

    /** What it learns from, or by, is not there yet. */
    static TrainingProgress waiting(ModelResource model, String reason, String message) {
        return TrainingProgress.waiting(
                model.getStatus(), model.generation(), Verdict.unknown(TrainingProgress.TRAINED, reason, message));
    }

    /** For the status. */
    static ModelStatus.@Nullable Training shown(ModelResource model, Trainings trainings, String store) {
        var before = model.getStatus() == null ? null : model.getStatus().training();
        var status = trainings.status(model).orElse(null);
        if (status == null) {
            return before;
        }
        return new ModelStatus.Training(
                status.revision(), status.items(), of(model, trainings, store).made());
    }
}
