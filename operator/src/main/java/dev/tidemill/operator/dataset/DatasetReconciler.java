package dev.tidemill.operator.dataset;

import dev.tidemill.api.Access;
import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.Assignments;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.dataflow.UnresolvedException;
import dev.tidemill.operator.Applier;
import dev.tidemill.operator.KnativeReadiness;
import dev.tidemill.operator.KubernetesEvents;
import dev.tidemill.operator.LateSources;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.ServedKinds;
import dev.tidemill.operator.SpecOrAnnotationsChanged;
import dev.tidemill.operator.TidemillResource;
import dev.tidemill.operator.events.Declarations;
import dev.tidemill.operator.events.NamespaceBroker;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.ObjectStoreResource;
import dev.tidemill.operator.store.OpenStores;
import dev.tidemill.operator.store.Opening;
import dev.tidemill.operator.store.ScopedCredentials;
import dev.tidemill.operator.store.StateFolders;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Has a Dataset materialized: decides whether it may be, gives its namespace a data path, hands it to the driver, and writes the
 * status that the driver derives from the materializer's replies.
 */
// For good: an API server that is away for an hour must not leave a resource behind.
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
@ControllerConfiguration(
        name = "dataset",
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = SpecOrAnnotationsChanged.class))
public final class DatasetReconciler implements Reconciler<DatasetResource>, Cleaner<DatasetResource> {

    private static final Duration RETRY = Duration.ofSeconds(15);
    private static final Duration SOON = Duration.ofSeconds(1);

    private final Datasets datasets;
    private final OpenStores stores;
    private final DataPath dataPath;
    private final Drive drive;
    private final StateFolders ledgers;
    private final Routes routes;
    private final Buckets buckets;
    private final LateSources<DatasetResource> knative;
    private final Map<String, FirstNeed> namespaces = new ConcurrentHashMap<>();
    private final NamespaceBroker broker;
    private final Declarations declarations;
    private final KubernetesEvents events;
    private final String cluster;
    private final int workerCap;
    private final Clock clock;

    public DatasetReconciler(
            KubernetesClient client,
            Datasets datasets,
            OpenStores stores,
            ScopedCredentials credentials,
            Drive drive,
            ServedKinds served,
            NamespaceBroker broker,
            Declarations declarations,
            KubernetesEvents events,
            OperatorConfig config,
            Clock clock) {
        this.datasets = datasets;
        this.stores = stores;
        this.broker = broker;
        this.declarations = declarations;
        this.events = events;
        this.knative = DatasetSources.ofKnative(served);
        this.dataPath = new DataPath(config, credentials);
        this.drive = drive;
        this.ledgers = new StateFolders(stores);
        this.routes = new Routes(client);
        this.cluster = cluster(client);
        this.workerCap = workerCap(config);
        this.buckets = new Buckets(clock);
        this.clock = clock;
    }

    /** What tells this cluster from others that share a store. */
    public static String cluster(KubernetesClient client) {
        return client.namespaces().withName("kube-system").get().getMetadata().getUid();
    }

    /** Requests that profiler and generator of a namespace take at a time. */
    static int workerCap(OperatorConfig config) {
        return config.dataflowPods() * DataflowManifests.WORKER_CONCURRENCY;
    }

    @Override
    public UpdateControl<DatasetResource> reconcile(DatasetResource dataset, Context<DatasetResource> context) {
        datasets.looksAt(dataset);
        if (dataset.paused()) {
            drive.remove(id(dataset));
            return UpdateControl.noUpdate();
        }
        var applier = new Applier<>(context, clock);
        var facts = observe(dataset, applier, context);
        if (facts.store() == null && isBeingOpened(dataset, applier)) {
            // Until it is, nothing is known to have changed.
            return UpdateControl.<DatasetResource>noUpdate().rescheduleAfter(SOON);
        }
        return switch (DatasetDecision.of(facts)) {
            case DatasetDecision.Refuse(var verdict) -> refuse(dataset, verdict);
            case DatasetDecision.Wait(var verdict) -> await(dataset, verdict);
            case DatasetDecision.Work work
            when lackingBucket(dataset, work).orElse(null) instanceof Verdict verdict ->
                refuse(dataset, verdict).rescheduleAfter(Buckets.NOT_THERE);
            case DatasetDecision.Work _
            when !knative.watches(Service.class, context) -> await(dataset, KnativeReadiness.missing("DataPath"));
            case DatasetDecision.Work work -> {
                var hasBrokers = knative.watches(Broker.class, context) && knative.watches(Trigger.class, context);
                yield work(dataset, facts, work, hasBrokers, applier);
            }
        };
    }

    @Override
    public DeleteControl cleanup(DatasetResource dataset, Context<DatasetResource> context) {
        datasets.gone(dataset);
        drive.remove(id(dataset));
        declarations.withdraw(resource(dataset));
        routes.leave(dataset, context.getPrimaryCache());
        return ledgers.delete(dataset.getSpec().store(), dataset.namespace() + "/" + dataset.name() + "/")
                        && (isNeeded(dataset, context) || removeDataPath(dataset, context))
                ? DeleteControl.defaultDelete()
                : DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY);
    }

    /** Whether another Dataset of the namespace works with the same data path. */
    private static boolean isNeeded(DatasetResource gone, Context<DatasetResource> context) {
        return context.getPrimaryCache()
                .list(
                        gone.namespace(),
                        other -> !other.name().equals(gone.name())
                                && other.getMetadata().getDeletionTimestamp() == null
                                && other.getSpec().store().equals(gone.getSpec().store()))
                .findAny()
                .isPresent();
    }

    private boolean removeDataPath(DatasetResource dataset, Context<DatasetResource> context) {
        var store = dataset.getSpec().store();
        var last = context.getPrimaryCache()
                .list(dataset.namespace(), other -> other.getMetadata().getDeletionTimestamp() == null)
                .findAny()
                .isEmpty();
        if (last) {
            broker.leave(dataset.namespace());
        }
        if (!knative.watches(Service.class, context)) {
            return true;
        }
        return dataPath.remove(
                dataset.namespace(), store, stores.find(store).orElse(null), last, new Applier<>(context, clock));
    }

    private DatasetFacts observe(
            DatasetResource dataset, Applier<DatasetResource> applier, Context<DatasetResource> context) {
        var namespace = dataset.namespace();
        var spec = dataset.getSpec();
        var storeResource = applier.find(ObjectStoreResource.class, null, spec.store());
        var store = storeResource.flatMap(_ -> stores.find(spec.store())).orElse(null);
        var labels = applier.find(Namespace.class, null, namespace)
                .map(found -> found.getMetadata().getLabels())
                .orElse(Map.of());
        var functions = Needs.functions(dataset)
                .flatMap(name -> applier.find(FunctionResource.class, namespace, name).stream())
                .collect(Collectors.toMap(FunctionResource::name, found -> found));
        // To go through all Datasets of the cluster for one that names none of them is what ten thousand would wait
        // for.
        Map<String, DatasetResource> datasets = spec.from() == null
                ? Map.of()
                : context.getPrimaryCache()
                        .list(namespace, _ -> true)
                        .collect(Collectors.toMap(DatasetResource::name, found -> found));
        return new DatasetFacts(
                dataset,
                store,
                storeResource.map(DatasetReconciler::trouble).orElse(""),
                store == null ? null : Grants.of(spec.store(), store.spec(), namespace, labels),
                datasets,
                functions,
                Needs.model(dataset)
                        .flatMap(name -> applier.find(ModelResource.class, namespace, name))
                        .orElse(null));
    }

    private static String trouble(ObjectStoreResource store) {
        var status = store.getStatus();
        return status == null || status.conditions().isEmpty()
                ? "it was not looked at yet"
                : status.conditions().getFirst().reason() + ", "
                        + status.conditions().getFirst().message();
    }

    /** Nobody has looked at the store yet, or it was ready before a restart of the operator. */
    private static boolean isBeingOpened(DatasetResource dataset, Applier<DatasetResource> applier) {
        return applier.find(ObjectStoreResource.class, null, dataset.getSpec().store())
                .filter(store -> store.getStatus() == null
                        || store.getStatus().conditions().stream().limit(1).allMatch(Condition::holds))
                .isPresent();
    }

    /** Asked only of what is granted, or it would tell of other people's buckets. */
    private Optional<Verdict> lackingBucket(DatasetResource dataset, DatasetDecision.Work work) {
        var missed = drive.status(id(dataset)).stream()
                .flatMap(status -> status.conditions().stream())
                .anyMatch(condition -> condition.reason().equals(Buckets.MISSING));
        return Stream.of(dataset, work.parent())
                .filter(Objects::nonNull)
                .flatMap(one -> DataLocation.of(one.getSpec(), Access.Read).stream())
                .map(Opening::bucket)
                .filter(bucket -> buckets.lacks(work.store(), bucket, missed))
                .findFirst()
                .map(bucket -> Verdict.no(
                        DatasetDecision.ACCEPTED,
                        Buckets.MISSING,
                        "bucket %s does not exist in ObjectStore %s: create it, or correct its name"
                                .formatted(bucket, work.store().name())));
    }

    private UpdateControl<DatasetResource> refuse(DatasetResource dataset, Verdict verdict) {
        drive.remove(id(dataset));
        declarations.withdraw(resource(dataset));
        return write(dataset, DatasetVerdicts.refused(clock, dataset, verdict), RETRY);
    }

    /** The driver goes on with what it knows. */
    private UpdateControl<DatasetResource> await(DatasetResource dataset, Verdict verdict) {
        return write(dataset, DatasetVerdicts.waiting(clock, dataset, verdict), RETRY);
    }

    private UpdateControl<DatasetResource> work(
            DatasetResource dataset,
            DatasetFacts facts,
            DatasetDecision.Work work,
            boolean hasBrokers,
            Applier<DatasetResource> applier) {
        var provided = provide(dataset.namespace(), work, hasBrokers, applier);
        if (provided.isEmpty()) {
            return UpdateControl.<DatasetResource>noUpdate().rescheduleAfter(RETRY);
        }
        return switch (provided.get()) {
            case DataPath.State.Waiting(var verdict) -> await(dataset, verdict);
            case DataPath.State.Serving serving ->
                switch (routes.of(dataset, work, applier)) {
                    case Routes.Unknown(var verdict) -> await(dataset, verdict);
                    case Routes.Known known -> drive(dataset, facts, work, serving, known);
                };
        };
    }

    private UpdateControl<DatasetResource> drive(
            DatasetResource dataset,
            DatasetFacts facts,
            DatasetDecision.Work work,
            DataPath.State.Serving path,
            Routes.Known known) {
        var neighbours = new Neighbourhood(
                dataset.namespace(),
                work.store(),
                facts.datasets(),
                facts.functions(),
                work.model() == null ? Map.of() : Map.of(work.model().name(), work.model()),
                path.worker(),
                workerCap,
                known.functions(),
                known.models());
        try {
            var assignment =
                    new Assignments(cluster, dataset.namespace(), neighbours).of(Neighbourhood.dataset(dataset));
            drive.declare(id(dataset), assignment, path.materializer());
            declarations.declare(resource(dataset), declared(dataset));
        } catch (UnresolvedException e) {
            return refuse(dataset, Verdict.no(DatasetDecision.ACCEPTED, e.reason(), String.valueOf(e.getMessage())));
        }
        return drive.status(id(dataset))
                .map(status -> write(dataset, status, null))
                .orElseGet(UpdateControl::noUpdate);
    }

    /** What is derived is woken by its parent, and its own output is no news to it. */
    private static Set<Declarations.Prefix> declared(DatasetResource dataset) {
        var spec = dataset.getSpec();
        return spec.source() == null
                ? Set.of()
                : Set.of(new Declarations.Prefix(
                        spec.store(), spec.source().bucket(), spec.source().prefix()));
    }

    private static Declarations.Resource resource(DatasetResource dataset) {
        return new Declarations.Resource(Declarations.Kind.Dataset, dataset.namespace(), dataset.name());
    }

    /** Whether what the Datasets of a namespace share has been looked at once, and who does so now. */
    private static final class FirstNeed {
        private final ReentrantLock lock = new ReentrantLock();
        private volatile boolean met;
    }

    /**
     * What all Datasets of a namespace share. One at a time: the second one then finds it there and writes nothing.
     *
     * @return empty while another one meets the first need: keys are minted then, and a hundred Datasets that waited for it would leave
     *     no thread for other namespaces. The services that come of it wake them.
     */
    private Optional<DataPath.State> provide(
            String namespace, DatasetDecision.Work work, boolean hasBrokers, Applier<DatasetResource> applier) {
        var need = namespaces.computeIfAbsent(namespace, _ -> new FirstNeed());
        if (need.met) {
            need.lock.lock();
        } else if (!need.lock.tryLock()) {
            return Optional.empty();
        }
        try {
            if (hasBrokers) {
                broker.leadToOperator(namespace, applier);
            }
            return Optional.of(dataPath.ensure(namespace, work.store(), work.grants(), applier));
        } finally {
            need.met = true;
            need.lock.unlock();
        }
    }

    /**
     * Compared as text, for numbers inside of results are of other classes once the API server has had them.
     *
     * @param lookAgain where nothing is written; null for when something changes
     */
    private UpdateControl<DatasetResource> write(
            DatasetResource dataset, DatasetStatus status, @Nullable Duration lookAgain) {
        var before = dataset.getStatus();
        if (before != null && Json.text(before).equals(Json.text(status))) {
            return lookAgain == null
                    ? UpdateControl.noUpdate()
                    : UpdateControl.<DatasetResource>noUpdate().rescheduleAfter(lookAgain);
        }
        var patch = new DatasetResource();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(dataset.name())
                .withNamespace(dataset.namespace())
                .build());
        patch.setStatus(status);
        events.transitions(dataset, before == null ? List.of() : before.conditions(), status.conditions());
        return UpdateControl.patchStatus(patch).rescheduleAfter(TidemillResource.AFTER_WRITE);
    }

    @Override
    public List<EventSource<?, DatasetResource>> prepareEventSources(EventSourceContext<DatasetResource> context) {
        var all = context.getPrimaryCache();
        Needs.index(all);
        datasets.keptBy(all);
        var statuses = new SimpleInboundEventSource<DatasetResource>("statuses");
        drive.onStatus(id -> statuses.propagateEvent(new ResourceID(id.name(), id.namespace())));
        var parents = new SimpleInboundEventSource<DatasetResource>("parents");
        datasets.onChange(parent -> Needs.whoNeeds(Needs.parent(parent.namespace(), parent.name()), all)
                .forEach(parents::propagateEvent));
        return Stream.concat(
                        Stream.of(statuses, parents, knative.arrivals(context)), DatasetSources.all(context).stream())
                .toList();
    }

    private static Graph.Id id(DatasetResource dataset) {
        return new Graph.Id(dataset.namespace(), dataset.name());
    }
}
