package dev.tidemill.operator.serving;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.operator.Applier;
import dev.tidemill.operator.KnativeReadiness;
import dev.tidemill.operator.KubernetesEvents;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.LateSources;
import dev.tidemill.operator.TidemillResource;
import dev.tidemill.operator.Workload.StoreAccess;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.dataset.Datasets;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.ObjectStoreResource;
import dev.tidemill.operator.store.OpenStores;
import dev.tidemill.operator.store.ScopedCredentials;
import dev.tidemill.operator.store.ScopedCredentials.Holder;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs something as a Knative Service that starts from zero, with credentials that open what was granted: plan → credentials → serve →
 * report. What is particular to a Function or a Model is in its own reconciler.
 *
 * @param <R> the resource
 * @param <T> its status
 */
public abstract class ServingReconciler<R extends TidemillResource<?, T>, T> implements Reconciler<R>, Cleaner<R> {

    /** What is not in order, or could not be asked, is looked at again after so long. */
    protected static final Duration RETRY = Duration.ofSeconds(15);

    private final Class<R> type;
    private final Means means;
    private final LateSources<R> knative;

    /** What all reconcilers of this kind work with. */
    public record Means(
            Datasets datasets,
            OpenStores stores,
            ScopedCredentials credentials,
            KubernetesEvents events,
            Clock clock) {}

    /**
     * How it stands.
     *
     * @param verdicts without which it is not ready
     * @param notes that leave {@code Ready} alone
     * @param service as the cluster has it; null while there is nothing to be served
     * @param lookAgain when to look at it again though it is in order; null for when something changes
     */
    public record Observation(
            List<Verdict> verdicts,
            List<Verdict> notes,
            @Nullable Service service,
            @Nullable Duration lookAgain) {

        public Observation(List<Verdict> verdicts, @Nullable Service service) {
            this(verdicts, List.of(), service, null);
        }

        public Observation(List<Verdict> verdicts, @Nullable Service service, @Nullable Duration lookAgain) {
            this(verdicts, List.of(), service, lookAgain);
        }
    }

    /** @param knative informers of what it applies, that of Knative's Service among them */
    protected ServingReconciler(Class<R> type, Means means, LateSources<R> knative) {
        this.type = type;
        this.means = means;
        this.knative = knative;
    }

    protected final Means means() {
        return means;
    }

    /** Decides. */
    protected abstract ServingPlan plan(R resource, Surroundings surroundings);

    /** Applies what it becomes. */
    protected abstract Observation serve(
            R resource, ServingPlan.Deploy plan, @Nullable StoreAccess store, Applier<R> applier, Context<R> context);

    /** What it is not served as, for now: whatever was noted of it outside of its own objects is taken back. */
    protected void withdraw(R resource) {}

    /** Its last reconciliation. */
    protected void leave(R resource, Context<R> context) {}

    protected abstract T status(R resource, List<Condition> conditions, @Nullable Service service);

    protected abstract List<Condition> conditions(T status);

    /** The Secret with its credentials. */
    protected abstract String secret(R resource);

    /** The store that those credentials are of, as far as its spec says. */
    protected abstract String store(R resource);

    /** Those of its kind that compute the Dataset. */
    protected abstract Stream<String> computing(DatasetSpec dataset);

    protected abstract R patch();

    @Override
    public UpdateControl<R> reconcile(R resource, Context<R> context) {
        if (resource.paused()) {
            return UpdateControl.noUpdate();
        }
        var applier = new Applier<>(context);
        return switch (plan(resource, surroundings(resource, applier, context))) {
            case ServingPlan.Refuse(var verdict) -> {
                withdraw(resource);
                yield report(resource, new Observation(List.of(verdict), null));
            }
            case ServingPlan.Wait _
            when isReady(resource) -> UpdateControl.<R>noUpdate().rescheduleAfter(RETRY);
            case ServingPlan.Wait(var verdict) -> report(resource, new Observation(List.of(verdict), null));
            case ServingPlan.Deploy deploy -> report(resource, deploy(resource, deploy, applier, context));
        };
    }

    /**
     * Whether a renewal of the image, of the keys or of what is served comes up behind a revision that answers meanwhile: what was
     * declared is served, and has been all along.
     */
    protected final boolean stillServes(R resource, Service service, Verdict deployed) {
        return deployed.status() == Condition.Status.Unknown
                && service.getStatus() != null
                && service.getStatus().getLatestReadyRevisionName() != null
                && isReady(resource);
    }

    private boolean isReady(R resource) {
        T status = resource.getStatus();
        return status != null
                && conditions(status).stream()
                        .anyMatch(condition -> condition.type().equals(Condition.READY)
                                && condition.holds()
                                && Objects.equals(condition.observedGeneration(), resource.generation()));
    }

    @Override
    public DeleteControl cleanup(R resource, Context<R> context) {
        withdraw(resource);
        leave(resource, context);
        // The one thing outside the cluster; all else goes with its owner.
        return means.credentials.revoke(means.stores.find(store(resource)).orElse(null), holder(resource))
                ? DeleteControl.defaultDelete()
                : DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY);
    }

    private Surroundings surroundings(R resource, Applier<R> applier, Context<R> context) {
        var namespace = resource.namespace();
        var labels = applier.find(Namespace.class, null, namespace)
                .map(found -> found.getMetadata().getLabels())
                .orElse(Map.of());
        return new Surroundings(
                namespace,
                datasets(namespace),
                means.stores::find,
                (store, name) -> Grants.of(name, store.spec(), namespace, labels));
    }

    private Observation deploy(R resource, ServingPlan.Deploy plan, Applier<R> applier, Context<R> context) {
        if (!knative.watches(Service.class, context)) {
            return new Observation(List.of(KnativeReadiness.missing(ServingPlan.ACCEPTED)), null);
        }
        if (plan.store() == null) {
            return serve(resource, plan, null, applier, context);
        }
        var store = means.stores.find(plan.store()).orElseThrow();
        return switch (means.credentials.ensure(store, holder(resource), plan.openings())) {
            case ScopedCredentials.Outcome.Missing(var verdict) -> new Observation(List.of(verdict), null);
            case ScopedCredentials.Outcome.Ready(var access) -> serve(resource, plan, access, applier, context);
        };
    }

    private UpdateControl<R> report(R resource, Observation observed) {
        T before = resource.getStatus();
        List<Condition> were = before == null ? List.of() : conditions(before);
        var conditions = Conditions.of(means.clock, resource.generation(), were);
        observed.verdicts.forEach(conditions::requires);
        observed.notes.forEach(conditions::notes);
        var derived = conditions.derive();
        var status = status(resource, derived, observed.service);
        var settled = derived.getFirst().status() == Condition.Status.True;
        var lookAgain = settled ? observed.lookAgain : RETRY;
        if (status.equals(before)) {
            return lookAgain == null
                    ? UpdateControl.noUpdate()
                    : UpdateControl.<R>noUpdate().rescheduleAfter(lookAgain);
        }
        means.events.transitions(resource, were, derived);
        var patch = patch();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(resource.name())
                .withNamespace(resource.namespace())
                .build());
        patch.setStatus(status);
        return UpdateControl.patchStatus(patch).rescheduleAfter(TidemillResource.AFTER_WRITE);
    }

    @Override
    public List<EventSource<?, R>> prepareEventSources(EventSourceContext<R> context) {
        var datasets = new SimpleInboundEventSource<R>("datasets");
        means.datasets.onChange(dataset -> computing(dataset.getSpec())
                .forEach(name -> datasets.propagateEvent(new ResourceID(name, dataset.namespace()))));
        return List.of(
                datasets,
                knative.arrivals(context),
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(ObjectStoreResource.class, type)
                                .withSecondaryToPrimaryMapper(_ -> everyOne(context, null))
                                .build(),
                        context),
                new InformerEventSource<>(
                        InformerEventSourceConfiguration.from(Namespace.class, type)
                                .withSecondaryToPrimaryMapper(namespace -> everyOne(
                                        context, namespace.getMetadata().getName()))
                                .withOnUpdateFilter((now, before) -> !now.getMetadata()
                                        .getLabels()
                                        .equals(before.getMetadata().getLabels()))
                                .build(),
                        context));
    }

    /** An informer of what it owns. */
    protected static <P extends HasMetadata, K extends HasMetadata> InformerEventSource<K, P> owned(
            Class<K> kind, Class<P> owner, String label, EventSourceContext<P> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(kind, owner)
                        .withLabelSelector(Labels.SELECTOR + "," + label)
                        .withSecondaryToPrimaryMapper(Mappers.fromOwnerReferences(owner, false))
                        .build(),
                context);
    }

    /** All of them, or those of a namespace. */
    protected static <P extends TidemillResource<?, ?>> Set<ResourceID> everyOne(
            EventSourceContext<P> context, @Nullable String namespace) {
        return context.getPrimaryCache()
                .list(resource -> namespace == null || namespace.equals(resource.namespace()))
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    private Map<String, DatasetSpec> datasets(String namespace) {
        return means.datasets.in(namespace).collect(Collectors.toMap(DatasetResource::name, DatasetResource::getSpec));
    }

    private Holder holder(R resource) {
        return new Holder(resource.namespace(), secret(resource), owner(resource));
    }

    protected static OwnerReference owner(HasMetadata owner) {
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
