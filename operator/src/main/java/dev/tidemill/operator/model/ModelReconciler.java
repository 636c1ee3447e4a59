package dev.tidemill.operator.model;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.operator.Applier;
import dev.tidemill.operator.KnativeReadiness;
import dev.tidemill.operator.KubernetesEvents;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.LateSources;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.ServedKinds;
import dev.tidemill.operator.SpecOrAnnotationsChanged;
import dev.tidemill.operator.Workload.StoreAccess;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.ObjectStoreResource;
import dev.tidemill.operator.store.OpenStores;
import dev.tidemill.operator.store.ScopedCredentials;
import io.fabric8.knative.serving.v1.Service;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs a Model as a Knative Service that starts from zero, with credentials that open its artifact. */
// For good: an API server that is away for an hour must not leave a resource behind.
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
@ControllerConfiguration(
        name = "model",
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = SpecOrAnnotationsChanged.class))
public final class ModelReconciler implements Reconciler<ModelResource>, Cleaner<ModelResource> {

    private static final Duration RETRY = Duration.ofSeconds(15);

    private final OpenStores stores;
    private final ScopedCredentials credentials;
    private final OperatorConfig config;
    private final ModelManifests manifests;
    private final LateSources<ModelResource> knative;
    private final KubernetesEvents events;
    private final Clock clock;

    public ModelReconciler(
            OpenStores stores,
            ScopedCredentials credentials,
            ServedKinds served,
            KubernetesEvents events,
            OperatorConfig config,
            Clock clock) {
        this.stores = stores;
        this.credentials = credentials;
        this.config = config;
        this.manifests = new ModelManifests(config);
        this.knative = new LateSources<>(served, Map.of(Service.class, ModelReconciler::owned));
        this.events = events;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ModelResource>> prepareEventSources(EventSourceContext<ModelResource> context) {
        return List.of(
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(DatasetResource.class, ModelResource.class)
                                .withSecondaryToPrimaryMapper(ModelReconciler::modelsOf)
                                .withOnUpdateFilter((now, before) -> now.generation() != before.generation())
                                .build(),
                        context),
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(ObjectStoreResource.class, ModelResource.class)
                                .withSecondaryToPrimaryMapper(_ -> everyOne(context, null))
                                .build(),
                        context),
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(Namespace.class, ModelResource.class)
                                .withSecondaryToPrimaryMapper(namespace -> everyOne(
                                        context, namespace.getMetadata().getName()))
                                .withOnUpdateFilter((now, before) -> !now.getMetadata()
                                        .getLabels()
                                        .equals(before.getMetadata().getLabels()))
                                .build(),
                        context));
    }

    @Override
    public UpdateControl<ModelResource> reconcile(ModelResource model, Context<ModelResource> context) {
        if (model.paused()) {
            return UpdateControl.noUpdate();
        }
        var applier = new Applier<>(context);
        return switch (plan(model, applier, context)) {
            case ModelPlan.Refuse(var verdict) -> report(model, List.of(verdict), Optional.empty());
            case ModelPlan.Deploy deploy -> deploy(model, deploy, applier, context);
        };
    }

    @Override
    public DeleteControl cleanup(ModelResource model, Context<ModelResource> context) {
        var source = model.getSpec().source();
        var store = source == null ? null : stores.find(source.store()).orElse(null);
        // The one thing outside the cluster; all else goes with its owner.
        return credentials.revoke(store, holder(model))
                ? DeleteControl.defaultDelete()
                : DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY);
    }

    private ModelPlan plan(ModelResource model, Applier<ModelResource> applier, Context<ModelResource> context) {
        var labels = applier.find(Namespace.class, null, model.namespace())
                .map(found -> found.getMetadata().getLabels())
                .orElse(Map.of());
        return ModelPlan.of(
                model.name(),
                model.getSpec(),
                datasets(context, model.namespace()),
                config.models(),
                stores::find,
                (store, name) -> Grants.of(name, store.spec(), model.namespace(), labels));
    }

    private UpdateControl<ModelResource> deploy(
            ModelResource model,
            ModelPlan.Deploy plan,
            Applier<ModelResource> applier,
            Context<ModelResource> context) {
        if (!knative.watches(Service.class, context)) {
            return report(model, List.of(KnativeReadiness.missing(ModelPlan.DECLARED)), Optional.empty());
        }
        var store = stores.find(plan.store()).orElseThrow();
        return switch (credentials.ensure(store, holder(model), plan.openings())) {
            case ScopedCredentials.Outcome.Missing(var verdict) -> report(model, List.of(verdict), Optional.empty());
            case ScopedCredentials.Outcome.Ready(var secret, var accessKey) -> {
                var before = model.getStatus();
                var versions = before == null ? null : before.modelState();
                var service = applier.apply(manifests.knativeService(
                        model.namespace(),
                        model.name(),
                        owner(model),
                        model.getSpec(),
                        new StoreAccess(store.spec(), secret, accessKey),
                        versions == null ? null : versions.active()));
                var serving = ModelServing.of(model.getSpec(), service);
                yield report(
                        model,
                        List.of(Verdict.yes(ModelPlan.DECLARED, "Granted"), serving.verdict()),
                        Optional.of(serving));
            }
        };
    }

    private UpdateControl<ModelResource> report(
            ModelResource model, List<Verdict> verdicts, Optional<ModelServing> serving) {
        var before = model.getStatus();
        var conditions = Conditions.of(clock, model.generation(), before == null ? List.of() : before.conditions());
        verdicts.forEach(conditions::requires);
        var derived = conditions.derive();
        var status = new ModelStatus(
                model.generation(),
                derived,
                serving.map(ModelServing::url).orElse(null),
                serving.map(ModelServing::versions).orElse(null),
                serving.map(ModelServing::failure).orElse(null),
                serving.isEmpty() ? null : model.getSpec().accelerator() == null ? "cpu" : "gpu");
        var settled = derived.getFirst().status() == Condition.Status.True;
        if (status.equals(before)) {
            return settled
                    ? UpdateControl.noUpdate()
                    : UpdateControl.<ModelResource>noUpdate().rescheduleAfter(RETRY);
        }
        events.transitions(model, before == null ? List.of() : before.conditions(), derived);
        var patch = new ModelResource();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(model.name())
                .withNamespace(model.namespace())
                .build());
        patch.setStatus(status);
        var control = UpdateControl.patchStatus(patch);
        return settled ? control : control.rescheduleAfter(RETRY);
    }

    private static InformerEventSource<Service, ModelResource> owned(EventSourceContext<ModelResource> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Service.class, ModelResource.class)
                        .withLabelSelector(Labels.SELECTOR + "," + Labels.MODEL)
                        .withSecondaryToPrimaryMapper(Mappers.fromOwnerReferences(ModelResource.class, false))
                        .build(),
                context);
    }

    private static Map<String, DatasetSpec> datasets(Context<ModelResource> context, String namespace) {
        @SuppressWarnings("unchecked")
        var informer = (InformerEventSource<DatasetResource, ModelResource>)
                (InformerEventSource<?, ?>) context.eventSourceRetriever().getEventSourceFor(DatasetResource.class);
        return informer.list(namespace, _ -> true)
                .collect(Collectors.toMap(DatasetResource::name, DatasetResource::getSpec));
    }

    private static Set<ResourceID> modelsOf(DatasetResource dataset) {
        var from = dataset.getSpec().from();
        return from == null || from.model() == null
                ? Set.of()
                : Set.of(new ResourceID(from.model(), dataset.namespace()));
    }

    private static Set<ResourceID> everyOne(EventSourceContext<ModelResource> context, @Nullable String namespace) {
        return context.getPrimaryCache()
                .list(model -> namespace == null || namespace.equals(model.namespace()))
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    private static ScopedCredentials.Holder holder(ModelResource model) {
        return new ScopedCredentials.Holder(model.namespace(), ModelManifests.secret(model.name()), owner(model));
    }

    private static OwnerReference owner(ModelResource model) {
        return new OwnerReferenceBuilder()
                .withApiVersion(model.getApiVersion())
                .withKind(model.getKind())
                .withName(model.name())
                .withUid(model.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }
}
