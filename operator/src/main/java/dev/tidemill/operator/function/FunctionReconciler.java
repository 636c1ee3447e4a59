package dev.tidemill.operator.function;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.FunctionSpec.Binding;
import dev.tidemill.api.FunctionStatus;
import dev.tidemill.api.ObjectStore;
import dev.tidemill.operator.Applier;
import dev.tidemill.operator.KnativeFeatures;
import dev.tidemill.operator.KubernetesEvents;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.LateSources;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.OperatorConfig.SidecarImages;
import dev.tidemill.operator.ServedKinds;
import dev.tidemill.operator.SpecOrAnnotationsChanged;
import dev.tidemill.operator.Workload.StoreAccess;
import dev.tidemill.operator.events.Declarations;
import dev.tidemill.operator.events.DeliveryWords;
import dev.tidemill.operator.events.EventsAddress;
import dev.tidemill.operator.events.LostEvents;
import dev.tidemill.operator.events.NamespaceBroker;
import dev.tidemill.operator.serving.Rollout;
import dev.tidemill.operator.serving.ServingPlan;
import dev.tidemill.operator.serving.ServingReconciler;
import dev.tidemill.operator.serving.Surroundings;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.eventing.v1alpha1.EventPolicy;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.sources.v1.PingSource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs a Function as a Knative Service that starts from zero, with credentials that open what it declares. */
// For good: an API server that is away for an hour must not leave a resource behind.
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
@ControllerConfiguration(
        name = "function",
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = SpecOrAnnotationsChanged.class))
public final class FunctionReconciler extends ServingReconciler<FunctionResource, FunctionStatus> {

    private final LateSources<FunctionResource> knative;
    private final SidecarImages images;
    private final KnativeFeatures features;
    private final FunctionManifests manifests;
    private final DeliveryWords words;
    private final FunctionEvents sources;
    private final FunctionPaths paths;
    private final Declarations declarations;

    public FunctionReconciler(
            Means means,
            ServedKinds served,
            KnativeFeatures features,
            NamespaceBroker broker,
            EventsAddress address,
            DeliveryWords words,
            LostEvents lost,
            Declarations declarations,
            OperatorConfig config) {
        var knative = new LateSources<FunctionResource>(
                served,
                Map.of(
                        Service.class, context -> owned(Service.class, context),
                        Trigger.class, context -> owned(Trigger.class, context),
                        PingSource.class, context -> owned(PingSource.class, context),
                        Broker.class, FunctionReconciler::brokers,
                        Pod.class, FunctionReconciler::pods,
                        CronJob.class, context -> owned(CronJob.class, context),
                        EventPolicy.class, FunctionReconciler::policies,
                        NetworkPolicy.class, context -> owned(NetworkPolicy.class, context)));
        super(FunctionResource.class, means, knative);
        this.knative = knative;
        this.images = config.sidecars();
        this.features = features;
        this.manifests = new FunctionManifests(config);
        this.words = words;
        this.sources =
                new FunctionEvents(broker, address, lost, images.gated() ? words : null, config, features, knative);
        this.paths = new FunctionPaths(manifests, knative);
        this.declarations = declarations;
    }

    @Override
    protected ServingPlan plan(FunctionResource function, Surroundings surroundings) {
        return FunctionPlan.of(function.name(), function.getSpec(), images, features.current(), surroundings);
    }

    @Override
    protected Observation serve(
            FunctionResource function,
            ServingPlan.Deploy plan,
            @Nullable StoreAccess store,
            Applier<FunctionResource> applier,
            Context<FunctionResource> context) {
        if (images.gated()) {
            words.ensure(function.namespace(), function.name(), owner(function));
        }
        if (knative.watches(NetworkPolicy.class, context)) {
            applier.apply(manifests.networkPolicy(function.namespace(), function.name(), owner(function)));
        }
        var service = applier.serve(manifests.knativeService(
                function.namespace(),
                function.name(),
                owner(function),
                function.getSpec(),
                plan.data(),
                store,
                sources.senders(function, applier, context),
                features.current().enabled(KnativeFeatures.SIDECAR_PROBES)));
        declarations.declare(resource(function), declared(plan));
        var verdicts = new ArrayList<Verdict>();
        verdicts.add(GRANTED);
        var rollout = rollout(function, service, context);
        verdicts.add(rollout.serving());
        sources.ensure(function, owner(function), rollout.newest().status() == Condition.Status.True, applier, context)
                .ifPresent(verdicts::add);
        if (images.gated()) {
            paths.ensure(function, applier, context).ifPresent(verdicts::add);
        }
        FunctionDatasets.ensure(function, owner(function), means().datasets(), context.getClient())
                .ifPresent(verdicts::add);
        var notes = new ArrayList<>(List.of(rollout.newest()));
        notes.add(
                images.gated()
                        ? Verdict.yes("InvokersEnforced", "Gate")
                        : Verdict.no(
                                "InvokersEnforced",
                                "NoGate",
                                "whoever reaches it may call it: set images.gate of the chart to the image of functions/gate"));
        sources.senderNote(function, applier, context).ifPresent(notes::add);
        return new Observation(verdicts, notes, rollout, replaceStuckPods(function, applier, context));
    }

    /** When to look at them again; null for when one of them changes. */
    private @Nullable Duration replaceStuckPods(
            FunctionResource function, Applier<FunctionResource> applier, Context<FunctionResource> context) {
        if (function.getSpec().runtime() != FunctionSpec.Runtime.Lambda || !knative.watches(Pod.class, context)) {
            return null;
        }
        var now = Instant.now(means().clock());
        Duration next = null;
        for (var pod : applier.list(Pod.class, function.namespace(), Labels.FUNCTION, function.name())
                .toList()) {
            var since = StuckPods.since(pod).orElse(null);
            if (since == null) {
                continue;
            }
            if (now.isBefore(since)) {
                var rest = Duration.between(now, since).plusSeconds(1);
                next = next == null || rest.compareTo(next) < 0 ? rest : next;
            } else {
                means().events()
                        .tell(
                                function,
                                KubernetesEvents.Type.Warning,
                                "HandlerStuck",
                                "pod %s is replaced: its handlers did not return within spec.timeout %s"
                                        .formatted(
                                                pod.getMetadata().getName(),
                                                function.getSpec().timeout()));
                applier.delete(
                        Pod.class, function.namespace(), pod.getMetadata().getName());
            }
        }
        return next;
    }

    @Override
    protected void withdraw(FunctionResource function) {
        declarations.withdraw(resource(function));
    }

    @Override
    protected void leave(FunctionResource function, Context<FunctionResource> context) {
        sources.leave(function);
        if (images.gated() && function.getSpec().path() != null && knative.watches(Service.class, context)) {
            paths.ensure(function, new Applier<>(context, means().clock()), context);
        }
    }

    /** What its data binds, not what Datasets have it read: those are woken by themselves. */
    private static Set<Declarations.Prefix> declared(ServingPlan.Deploy plan) {
        return plan.store() == null
                ? Set.of()
                : plan.data().values().stream()
                        .map(data -> new Declarations.Prefix(plan.store(), data.bucket(), data.s3Prefix()))
                        .collect(Collectors.toSet());
    }

    private static Declarations.Resource resource(FunctionResource function) {
        return new Declarations.Resource(Declarations.Kind.Function, function.namespace(), function.name());
    }

    @Override
    protected FunctionStatus status(FunctionResource function, List<Condition> conditions, @Nullable Rollout rollout) {
        var before = function.getStatus();
        return new FunctionStatus(
                function.generation(),
                conditions,
                rollout == null ? null : rollout.url(),
                before == null ? null : before.coldStart());
    }

    @Override
    protected List<Condition> conditions(FunctionStatus status) {
        return status.conditions();
    }

    @Override
    protected String service(FunctionResource function) {
        return function.name();
    }

    @Override
    protected String secret(FunctionResource function) {
        return FunctionManifests.secret(function.name());
    }

    @Override
    protected String store(FunctionResource function) {
        var code = function.getSpec().code();
        return code != null
                ? code.store()
                : function.getSpec().data().stream()
                        .map(Binding::store)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(ObjectStore.DEFAULT);
    }

    @Override
    protected Stream<String> computing(DatasetSpec dataset) {
        var from = dataset.from();
        return from == null
                ? Stream.empty()
                : Stream.of(from.function(), from.combineFunction()).filter(Objects::nonNull);
    }

    @Override
    protected FunctionResource patch() {
        return new FunctionResource();
    }

    /** One owner of several. */
    static OwnerReference reference(FunctionResource function) {
        return new OwnerReferenceBuilder(owner(function))
                .withController(null)
                .withBlockOwnerDeletion(null)
                .build();
    }

    private static <K extends HasMetadata> InformerEventSource<K, FunctionResource> owned(
            Class<K> kind, EventSourceContext<FunctionResource> context) {
        return owned(kind, FunctionResource.class, Labels.FUNCTION, context);
    }

    /** Of Lambda functions only. */
    private static InformerEventSource<Pod, FunctionResource> pods(EventSourceContext<FunctionResource> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, FunctionResource.class)
                        .withLabelSelector(Labels.SELECTOR + "," + Labels.RUNTIME + "=" + LambdaPod.LABEL)
                        .withSecondaryToPrimaryMapper(pod -> Set.of(new ResourceID(
                                pod.getMetadata().getLabels().get(Labels.FUNCTION),
                                pod.getMetadata().getNamespace())))
                        .withOnUpdateFilter(
                                (now, before) -> !StuckPods.since(now).equals(StuckPods.since(before)))
                        .build(),
                context);
    }

    /** Of brokers, which several Functions have in common: none of them waits for one. */
    private static InformerEventSource<EventPolicy, FunctionResource> policies(
            EventSourceContext<FunctionResource> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(EventPolicy.class, FunctionResource.class)
                        .withLabelSelector(Labels.SELECTOR)
                        .withSecondaryToPrimaryMapper(
                                policy -> everyOne(context, policy.getMetadata().getNamespace()))
                        .withOnUpdateFilter((now, before) -> !now.getMetadata()
                                .getGeneration()
                                .equals(before.getMetadata().getGeneration()))
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
}
