package dev.tidemill.local;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Dataset;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.TrainedModel;
import dev.tidemill.dataflow.Assignments;
import dev.tidemill.dataflow.Builtin;
import dev.tidemill.dataflow.Callee;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.dataflow.LargeResult;
import dev.tidemill.local.process.FunctionProcess;
import dev.tidemill.store.StoreException;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The Models that are made here: what computes their rounds, and which of what came of that is served. Safe for concurrent use. */
final class ModelTraining {

    private final LocalStore store;
    private final Functions functions;
    private final Programs programs;
    private final Models models;
    private final Map<Graph.Id, Training> trainings = new ConcurrentHashMap<>();
    private final Map<Graph.Id, TrainedModel> served = new ConcurrentHashMap<>();
    private final Map<String, JsonNode> large = new ConcurrentHashMap<>();

    /** @param learner computes the rounds */
    record Training(Model model, Callee learner) {}

    ModelTraining(LocalStore store, Functions functions, Programs programs, Models models) {
        this.store = store;
        this.functions = functions;
        this.programs = programs;
        this.models = models;
    }

    /** The Dataset whose revisions are the rounds of the Model's training; empty if it cannot be trained. */
    Optional<Dataset> declare(Model model, Datasets datasets) throws InterruptedException {
        Graph.Id id = ResourceBook.id(model);
        ModelSpec.Train train = Objects.requireNonNull(model.spec().train());
        Dataset parent =
                datasets.find(new Graph.Id(id.namespace(), train.dataset())).orElse(null);
        if (parent == null) {
            models.fails(
                    id,
                    "dataset %s, which it is trained on, is not declared in namespace %s"
                            .formatted(train.dataset(), id.namespace()));
            return Optional.empty();
        }
        if (store.isEmbedded()) {
            store.ensureBucket(train.output().bucket());
        }
        try {
            trainings.put(rounds(id), new Training(model, learner(id, model, train.algorithm())));
        } catch (UsageException | FunctionProcess.StartFailedException e) {
            models.fails(id, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
        models.allow(id);
        return Optional.of(Assignments.training(model, parent));
    }

    private Callee learner(Graph.Id id, Model model, ModelSpec.Algorithm algorithm) throws InterruptedException {
        if (algorithm == ModelSpec.Algorithm.NeuralNetwork) {
            ModelServer server = new ModelServer(model, null, Installation.home());
            URI url = functions.startModel(id.namespace(), programs.trainer(id.namespace(), server));
            return Callee.of(id.namespace(), Builtin.TRAIN_NETWORK, url, 1);
        }
        int cores = Math.max(2, Runtime.getRuntime().availableProcessors());
        return Callee.of(id.namespace(), Builtin.TRAIN, functions.profiler("/train"), cores);
    }

    private static Graph.Id rounds(Graph.Id model) {
        return new Graph.Id(model.namespace(), Assignments.trainingName(model.name()));
    }

    /** The training that a Dataset is, if it is one. */
    Optional<Training> of(Graph.Id dataset) {
        return Optional.ofNullable(trainings.get(dataset));
    }

    boolean makes(Graph.Id model) {
        return trainings.containsKey(rounds(model));
    }

    /** What its rounds have come to so far, as far as the store tells. */
    SeenModel.Learned learned(DatasetStatus rounds) {
        try {
            return new SeenModel.Learned(rounds, made(rounds).orElse(null));
        } catch (StoreException _) {
            return new SeenModel.Learned(rounds, null);
        }
    }

    /** What is too large for a status is read from the ledger, once. */
    private Optional<TrainedModel> made(DatasetStatus rounds) {
        return TrainedModel.of(
                rounds,
                address -> large.computeIfAbsent(
                        address, _ -> LargeResult.read(store.client(), Mill.STATE_BUCKET, address)));
    }

    /** What a Dataset has made and nobody serves yet, once; the Model then has a source. */
    Optional<Model> take(Graph.Id dataset, DatasetStatus status) {
        return of(dataset)
                .flatMap(training -> made(status)
                        .filter(made -> !made.equals(served.put(dataset, made)))
                        .map(made -> new Model(
                                training.model().metadata(),
                                training.model().spec().made(made.artifact()))));
    }

    /** Where the profile lies of what a Model was trained on, if it was. */
    @Nullable
    String profile(Graph.Id model) {
        TrainedModel made = served.get(rounds(model));
        return made == null ? null : made.profileAddress();
    }
}
