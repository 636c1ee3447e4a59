package dev.tidemill.operator.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Model;
import dev.tidemill.api.TrainedModel;
import dev.tidemill.dataflow.Assignments;
import dev.tidemill.dataflow.Builtin;
import dev.tidemill.dataflow.Callee;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.dataflow.LargeResult;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.operator.store.OpenStores;
import dev.tidemill.operator.store.StateFolders;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Has Models trained: each by a Dataset of its own, which no resource declares, which is driven as any other is, and whose revisions
 * are the rounds.
 */
public final class Trainings {

    private final Drive drive;
    private final Datasets datasets;
    private final StateFolders ledgers;
    private final OpenStores stores;
    private final Map<Graph.Id, Large> large = new ConcurrentHashMap<>();
    private final String cluster;
    private final int workerCap;

    /** @param cluster the UID by which ledgers know their owner's cluster */
    public Trainings(Drive drive, Datasets datasets, OpenStores stores, String cluster, OperatorConfig config) {
        this.drive = drive;
        this.datasets = datasets;
        this.ledgers = new StateFolders(stores);
        this.stores = stores;
        this.cluster = cluster;
        this.workerCap = DatasetReconciler.workerCap(config);
    }

    /** What a training has come to, and where it lies. */
    private record Large(String address, @Nullable JsonNode value) {}

    /** Where the data path of a namespace answers. */
    public record Path(URI materializer, URI worker) {}

    /** The Knative Service of the materializer, by its store. */
    public static String materializer(String store) {
        return DataflowManifests.materializer(store);
    }

    /** The Knative Service of what profiles, compares and learns, by the store. */
    public static String worker(String store) {
        return DataflowManifests.worker(store);
    }

    /**
     * Begins a training, or lets it go on.
     *
     * @param store that of the Dataset to learn from
     * @param network what trains networks; null for an algorithm that is built in
     */
    public void train(
            ModelResource resource, DatasetResource parent, OpenStore store, Path path, @Nullable URI network) {
        var model = new Model(resource.metadataRecord(), resource.getSpec());
        var namespace = resource.namespace();
        var neighbours = new Neighbourhood(
                namespace,
                store,
                Map.of(parent.name(), parent),
                Map.of(),
                Map.of(),
                path.worker(),
                workerCap,
                Map.of(),
                Map.of());
        var learner = network == null
                ? Callee.of(namespace, Builtin.TRAIN, path.worker().resolve("/" + Builtin.TRAIN.key()), workerCap)
                : Callee.of(namespace, Builtin.TRAIN_NETWORK, network, 1);
        var training = Assignments.training(model, Neighbourhood.dataset(parent));
        var assignment = new Assignments(cluster, namespace, neighbours).ofTraining(training, model, learner);
        drive.declare(id(resource), assignment, path.materializer());
    }

    /** What the driver has said of it; empty before it has, and after a restart until a slice has answered. */
    public Optional<DatasetStatus> status(ModelResource model) {
        return drive.status(id(model))
                .filter(status -> Long.valueOf(model.generation()).equals(status.observedGeneration()));
    }

    /** What it has come to; empty before it is done. Read once from the store, where it is too large for a status. */
    public Optional<TrainedModel> trained(ModelResource model, String store) {
        return status(model)
                .flatMap(status -> TrainedModel.of(status, address -> {
                    var before = large.get(id(model));
                    if (before != null && before.address.equals(address)) {
                        return before.value;
                    }
                    var open = stores.find(store);
                    if (open.isEmpty()) {
                        return null;
                    }
                    var value = LargeResult.read(
                            open.get().client(), open.get().spec().stateBucket(), address);
                    large.put(id(model), new Large(address, value));
                    return value;
                }));
    }

    /** Lets it be. Its ledger stays. */
    public void stop(ModelResource model) {
        large.remove(id(model));
        drive.remove(id(model));
    }

    /** Whether the ledger is gone, too. */
    public boolean forget(ModelResource model, String store) {
        stop(model);
        return ledgers.delete(store, model.namespace() + "/" + Assignments.trainingName(model.name()) + "/");
    }

    /** The status of a Dataset of the namespace as it is known last, or null. */
    public @Nullable DatasetStatus status(String namespace, String dataset) {
        return drive.status(new Graph.Id(namespace, dataset))
                .or(() -> find(namespace, dataset).map(DatasetResource::getStatus))
                .orElse(null);
    }

    /** Whether there is a revision to learn from. */
    public boolean hasCommitted(DatasetResource dataset) {
        var status = status(dataset.namespace(), dataset.name());
        return status != null && status.revision() != null;
    }

    /** The store of a Dataset of the namespace, which may be about to go. */
    public Optional<String> store(String namespace, String dataset) {
        return datasets.known(namespace, dataset).map(found -> found.getSpec().store());
    }

    /** A Dataset of the namespace. */
    public Optional<DatasetResource> find(String namespace, String dataset) {
        return datasets.find(namespace, dataset);
    }

    private static Graph.Id id(ModelResource model) {
        return new Graph.Id(model.namespace(), Assignments.trainingName(model.name()));
    }
}
