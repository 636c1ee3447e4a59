package dev.tidemill.operator.model;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.operator.dataset.Trainings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the driver's word on a training means for the Model.
 *
 * @param notes of newer input that is being learned, or could not be
 * @param made the model to be served, or null
 */
record ModelTraining(Verdict verdict, List<Verdict> notes, ModelStatus.@Nullable Made made) {

    /** The condition that says whether it was made, as its spec says. */
    static final String TRAINED = "Trained";

    boolean done() {
        return verdict.status() == Status.True;
    }

    /**
     * @param trainings in which the driver tells of this generation, once it has begun
     * @param store the one that the model lies in
     */
    static ModelTraining of(ModelResource model, Trainings trainings, String store) {
        var before = model.getStatus() == null ? null : model.getStatus().training();
        var status = trainings.status(model).orElse(null);
        var fresh = trainings.trained(model, store).map(made -> ModelStatus.Made.of(made, store));
        var made = fresh.orElse(before == null ? null : before.made());
        var notes = status == null
                ? List.<Verdict>of()
                : status.conditions().stream()
                        .filter(condition -> condition.type().equals(Condition.PROGRESSING)
                                || condition.type().equals(Condition.DEGRADED))
                        .map(ModelTraining::verdict)
                        .toList();
        if (made != null && (fresh.isPresent() || wasTrained(model))) {
            return new ModelTraining(Verdict.yes(TRAINED, TRAINED), notes, made);
        }
        return new ModelTraining(
                status == null
                        ? Verdict.unknown(TRAINED, "Training", "the first round is being prepared")
                        : underWay(status),
                notes,
                made);
    }

    /** Its data path is not there yet. */
    static ModelTraining waiting(ModelResource model, String message) {
        var before = model.getStatus() == null ? null : model.getStatus().training();
        var made = before == null ? null : before.made();
        return new ModelTraining(
                made != null && wasTrained(model)
                        ? Verdict.yes(TRAINED, TRAINED)
                        : Verdict.unknown(TRAINED, "DataPathNotReady", message),
                List.of(),
                made);
    }

    /** For this very spec; a round of a newer one leaves it so. */
    private static boolean wasTrained(ModelResource model) {
        return model.conditions().stream()
                .anyMatch(condition -> condition.type().equals(TRAINED)
                        && condition.holds()
                        && Long.valueOf(model.generation()).equals(condition.observedGeneration()));
    }

    private static Verdict underWay(DatasetStatus status) {
        var ready = status.conditions().getFirst();
        if (ready.status() == Status.False) {
            return Verdict.no(TRAINED, ready.reason(), ready.message());
        }
        var items = status.items();
        return Verdict.unknown(
                TRAINED,
                "Training",
                "%d rounds were taken%s"
                        .formatted(
                                status.revision() == null ? 0 : status.revision(),
                                items == null || items.total() == 0
                                        ? ""
                                        : ", of the next one %d of %d pieces of work"
                                                .formatted(items.succeeded(), items.total())));
    }

    private static Verdict verdict(Condition condition) {
        return new Verdict(condition.type(), condition.status(), condition.reason(), condition.message());
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
