package dev.tidemill.operator.function;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.FunctionStatus;
import dev.tidemill.operator.Applier;
import dev.tidemill.operator.KnativeReadiness;
import dev.tidemill.operator.KubernetesEvents;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.LateSources;
import dev.tidemill.operator.LeanStore;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.ServedKinds;
import dev.tidemill.operator.SpecOrAnnotationsChanged;
import dev.tidemill.operator.Workload.StoreAccess;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.events.Declarations;
import dev.tidemill.operator.events.EventsAddress;
import dev.tidemill.operator.events.NamespaceBroker;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.ObjectStoreResource;
import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.operator.store.OpenStores;
import dev.tidemill.operator.store.ScopedCredentials;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.sources.v1.PingSource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs a Function as a Knative Service that starts from zero, with credentials that open what it declares. */
// For good: an API server that is away for an hour must not leave a resource behind.
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
@ControllerConfiguration(
        name = "function",
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = SpecOrAnnotationsChanged.class, itemStore = LeanStore.class))
public final class FunctionReconciler implements Reconciler<FunctionResource>, Cleaner<FunctionResource> {

    private static final Duration RETRY = Duration.ofSeconds(15);

    private final OpenStores stores;
    private final ScopedCredentials credentials;
    private final FunctionManifests manifests;
    private final LateSources<FunctionResource> knative;
    private final FunctionEvents sources;
    private final Declarations declarations;
    private final KubernetesEvents events;
    private final Clock clock;

    public FunctionReconciler(
            OpenStores stores,
            ScopedCredentials credentials,
            ServedKinds served,
            NamespaceBroker broker,
            EventsAddress address,
            Declarations declarations,
            KubernetesEvents events,
            OperatorConfig config,
            Clock clock) {
        this.stores = stores;
        this.credentials = credentials;
        this.manifests = new FunctionManifests(config);
        this.knative = new LateSources<>(
                served,
                Map.of(
                        Service.class, context -> owned(Service.class, context),
                        Trigger.class, context -> owned(Trigger.class, context),
                        PingSource.class, context -> owned(PingSource.class, context),
                        Broker.class, FunctionReconciler::brokers));
        this.sources = new FunctionEvents(broker, address, knative);
        this.declarations = declarations;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, FunctionResource>> prepareEventSources(EventSourceContext<FunctionResource> context) {
        return List.of(
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(DatasetResource.class, FunctionResource.class)
                                .withItemStore(new LeanStore<>())
                                .withSecondaryToPrimaryMapper(FunctionReconciler::functionsOf)
                                .withOnUpdateFilter((now, before) -> now.generation() != before.generation())
                                .build(),
                        context),
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(ObjectStoreResource.class, FunctionResource.class)
                                .withSecondaryToPrimaryMapper(_ -> everyOne(context, null))
                                .build(),
                        context),
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(Namespace.class, FunctionResource.class)
                                .withSecondaryToPrimaryMapper(namespace -> everyOne(
                                        context, namespace.getMetadata().getName()))
                                .withOnUpdateFilter((now, before) -> !now.getMetadata()
                                        .getLabels()
                                        .equals(before.getMetadata().getLabels()))
                                .build(),
                        context));
    }

    @Override
    public UpdateControl<FunctionResource> reconcile(FunctionResource function, Context<FunctionResource> context) {
        if (function.paused()) {
            return UpdateControl.noUpdate();
        }
        var applier = new Applier<>(context);
        return switch (plan(function, applier, context)) {
            case FunctionPlan.Refuse(var verdict) -> {
                declarations.withdraw(resource(function));
                yield report(function, List.of(verdict), null);
            }
            case FunctionPlan.Deploy deploy -> deploy(function, deploy, applier, context);
        };
    }

    @Override
    public DeleteControl cleanup(FunctionResource function, Context<FunctionResource> context) {
        declarations.withdraw(resource(function));
        sources.leave(function);
        // The one thing outside the cluster; all else goes with its owner.
        return credentials.revoke(stores.find(storeName(function)).orElse(null), holder(function))
                ? DeleteControl.defaultDelete()
                : DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY);
    }

    private FunctionPlan plan(
            FunctionResource function, Applier<FunctionResource> applier, Context<FunctionResource> context) {
        var namespace = function.namespace();
        var labels = applier.find(Namespace.class, null, namespace)
                .map(found -> found.getMetadata().getLabels())
                .orElse(Map.of());
        Map<String, DatasetSpec> datasets = datasets(context, namespace);
        return FunctionPlan.of(
                function.name(),
                function.getSpec(),
                datasets,
                stores::find,
                (OpenStore store, String name) -> Grants.of(name, store.spec(), namespace, labels));
    }

    private UpdateControl<FunctionResource> deploy(
            FunctionResource function,
            FunctionPlan.Deploy plan,
            Applier<FunctionResource> applier,
            Context<FunctionResource> context) {
        if (!knative.watches(Service.class, context)) {
            return report(function, List.of(KnativeReadiness.missing(FunctionPlan.DECLARED)), null);
        }
        StoreAccess access = null;
        if (plan.store() != null) {
            var store = stores.find(plan.store()).orElseThrow();
            switch (credentials.ensure(store, holder(function), plan.openings())) {
                case ScopedCredentials.Outcome.Missing(var verdict) -> {
                    return report(function, List.of(verdict), null);
                }
                case ScopedCredentials.Outcome.Ready(var secret, var accessKey) ->
                    access = new StoreAccess(store.spec(), secret, accessKey);
            }
        }
        var service = applier.apply(manifests.knativeService(
                function.namespace(), function.name(), owner(function), function.getSpec(), plan.data(), access));
        var url = service.getStatus() == null || service.getStatus().getAddress() == null
                ? null
                : service.getStatus().getAddress().getUrl();
        declarations.declare(resource(function), declared(plan));
        var verdicts = new ArrayList<Verdict>();
        verdicts.add(Verdict.yes(FunctionPlan.DECLARED, "Granted"));
        var deployed = KnativeReadiness.verdict("Deployed", service);
        verdicts.add(stillServes(function, service, deployed) ? Verdict.yes("Deployed", "Serving") : deployed);
        sources.ensure(function, owner(function), applier, context).ifPresent(verdicts::add);
        return report(function, verdicts, url);
    }

    /**
     * Whether a renewal of the image or of the keys comes up behind a revision that answers meanwhile: what was declared is served,
     * and has been all along.
     */
    private static boolean stillServes(FunctionResource function, Service service, Verdict deployed) {
        var before = function.getStatus();
        return deployed.status() == Condition.Status.Unknown
                && service.getStatus() != null
                && service.getStatus().getLatestReadyRevisionName() != null
                && before != null
                && Objects.equals(before.observedGeneration(), function.generation())
                && before.conditions().stream()
                        .anyMatch(condition -> condition.type().equals(Condition.READY)
                                && condition.status() == Condition.Status.True);
    }

    /** What its data binds, not what Datasets have it read: those are woken by themselves. */
    private static Set<Declarations.Prefix> declared(FunctionPlan.Deploy plan) {
        return plan.store() == null
                ? Set.of()
                : plan.data().values().stream()
                        .map(data -> new Declarations.Prefix(plan.store(), data.bucket(), data.s3Prefix()))
                        .collect(Collectors.toSet());
    }

    private static Declarations.Resource resource(FunctionResource function) {
        return new Declarations.Resource(Declarations.Kind.Function, function.namespace(), function.name());
    }

    private UpdateControl<FunctionResource> report(
            FunctionResource function, List<Verdict> verdicts, @Nullable String url) {
        var before = function.getStatus();
        var conditions = Conditions.of(clock, function.generation(), before == null ? List.of() : before.conditions());
        verdicts.forEach(conditions::requires);
        var derived = conditions.derive();
        var status =
                new FunctionStatus(function.generation(), derived, url, before == null ? null : before.coldStart());
        var settled = derived.getFirst().status() == Condition.Status.True;
        if (status.equals(before)) {
            return settled
                    ? UpdateControl.noUpdate()
                    : UpdateControl.<FunctionResource>noUpdate().rescheduleAfter(RETRY);
        }
        events.transitions(function, before == null ? List.of() : before.conditions(), derived);
        var control = UpdateControl.patchStatus(patch(function, status));
        return settled ? control : control.rescheduleAfter(RETRY);
    }

    private static <R extends HasMetadata> InformerEventSource<R, FunctionResource> owned(
            Class<R> kind, EventSourceContext<FunctionResource> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(kind, FunctionResource.class)
                        .withLabelSelector(Labels.SELECTOR + "," + Labels.FUNCTION)
                        .withSecondaryToPrimaryMapper(Mappers.fromOwnerReferences(FunctionResource.class, false))
                        .build(),
                context);
    }

    /** All of them, for that of somebody else must be seen so as to be left alone; there are few. */
    private static InformerEventSource<Broker, FunctionResource> brokers(EventSourceContext<FunctionResource> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Broker.class, FunctionResource.class)
                        .withSecondaryToPrimaryMapper(
                                broker -> everyOne(context, broker.getMetadata().getNamespace()))
                        .withOnUpdateFilter((_, _) -> false)
                        .build(),
                context);
    }

    private static FunctionResource patch(FunctionResource function, FunctionStatus status) {
        var patch = new FunctionResource();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(function.name())
                .withNamespace(function.namespace())
                .build());
        patch.setStatus(status);
        return patch;
    }

    private static Map<String, DatasetSpec> datasets(Context<FunctionResource> context, String namespace) {
        @SuppressWarnings("unchecked")
        var informer = (InformerEventSource<DatasetResource, FunctionResource>)
                (InformerEventSource<?, ?>) context.eventSourceRetriever().getEventSourceFor(DatasetResource.class);
        return informer.list(namespace, _ -> true)
                .collect(Collectors.toMap(DatasetResource::name, DatasetResource::getSpec));
    }

    private static Set<ResourceID> functionsOf(DatasetResource dataset) {
        var from = dataset.getSpec().from();
        if (from == null) {
            return Set.of();
        }
        return java.util.stream.Stream.of(from.function(), from.combineFunction())
                .filter(java.util.Objects::nonNull)
                .map(name -> new ResourceID(name, dataset.namespace()))
                .collect(Collectors.toSet());
    }

    private static Set<ResourceID> everyOne(EventSourceContext<FunctionResource> context, @Nullable String namespace) {
        return context.getPrimaryCache()
                .list(function -> namespace == null || namespace.equals(function.namespace()))
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    private static ScopedCredentials.Holder holder(FunctionResource function) {
        return new ScopedCredentials.Holder(
                function.namespace(), FunctionManifests.secret(function.name()), owner(function));
    }

    private static String storeName(FunctionResource function) {
        return function.getSpec().data().stream()
                .map(binding -> String.valueOf(binding.store()))
                .findFirst()
                .orElse("default");
    }

    private static OwnerReference owner(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }
}
