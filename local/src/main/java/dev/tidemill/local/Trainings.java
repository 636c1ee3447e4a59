package dev.tidemill.local;

import dev.tidemill.api.Dataset;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Model;
import dev.tidemill.api.TrainedModel;
import dev.tidemill.dataflow.Assignments;
import dev.tidemill.dataflow.Graph;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Models that are made here, by the Datasets that make them, and which of what came of that is served. */
final class Trainings {

    private final Map<Graph.Id, Model> models = new ConcurrentHashMap<>();
    private final Map<Graph.Id, TrainedModel> served = new ConcurrentHashMap<>();

    /** The Dataset that makes a Model. */
    Dataset declare(Graph.Id model, Model declared, Dataset parent) {
        models.put(training(model), declared);
        return Assignments.training(declared, parent);
    }

    private static Graph.Id training(Graph.Id model) {
        return new Graph.Id(model.namespace(), Assignments.trainingName(model.name()));
    }

    /** The Model that a Dataset makes, if it makes one. */
    Optional<Model> madeBy(Graph.Id dataset) {
        return Optional.ofNullable(models.get(dataset));
    }

    boolean makes(Graph.Id model) {
        return models.containsKey(training(model));
    }

    /** Where the profile lies of what a Model was trained on, if it was. */
    @Nullable
    String profile(Graph.Id model) {
        TrainedModel made = served.get(training(model));
        return made == null ? null : made.profileAddress();
    }

    /** What a Dataset has made and nobody serves yet, once; the Model then has a source. */
    Optional<Model> take(Graph.Id dataset, DatasetStatus status) {
        Model model = models.get(dataset);
        if (model == null) {
            return Optional.empty();
        }
        return TrainedModel.of(status)
                .filter(made -> !made.equals(served.put(dataset, made)))
                .map(made -> new Model(model.metadata(), model.spec().made(made.artifact())));
    }
}
