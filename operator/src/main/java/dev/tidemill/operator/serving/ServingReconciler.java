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
import dev.tidemill.operator.dataset.Datasets;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.ObjectStoreResource;
import dev.tidemill.operator.store.OpenStores;
import dev.tidemill.operator.store.ScopedCredentials;
import dev.tidemill.operator.store.ScopedCredentials.Holder;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
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
import java.util.Optional;
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

    protected static final Verdict GRANTED = Verdict.yes(ServingPlan.ACCEPTED, "Granted");

    /** How an API server answers what it will not have: by a webhook, a policy, a quota, a rule of access or of what is valid. */
    private static final Set<Integer> REFUSED = Set.of(400, 403, 422);

    /** What Knative calls the revision on its pods. */
    private static final String REVISION = "serving.knative.dev/revision";

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
     * @param rollout of its service; null while there is none
     * @param lookAgain when to look at it again though it is in order; null for when something changes
     */
    public record Observation(
            List<Verdict> verdicts,
            List<Verdict> notes,
            @Nullable Rollout rollout,
            @Nullable Duration lookAgain) {

        static Observation nothing(Verdict verdict) {
            return new Observation(List.of(verdict), List.of(), null, null);
        }

        boolean answers() {
            return rollout != null && rollout.serving().status() == Condition.Status.True;
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

    protected abstract T status(R resource, List<Condition> conditions, @Nullable Rollout rollout);

    protected abstract List<Condition> conditions(T status);

    /** Its Knative Service. */
    protected abstract String service(R resource);

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
        var applier = new Applier<>(context, means.clock());
        return switch (plan(resource, surroundings(resource, applier, context))) {
            case ServingPlan.Refuse(var verdict) -> {
                withdraw(resource);
                yield report(resource, standing(resource, verdict, applier, context));
            }
            case ServingPlan.Wait(var verdict) -> {
                var standing = standing(resource, verdict, applier, context);
                yield holds(resource, Condition.READY) && wasAccepted(resource) && standing.answers()
                        ? UpdateControl.<R>noUpdate().rescheduleAfter(RETRY)
                        : report(resource, standing);
            }
            case ServingPlan.Deploy deploy -> report(resource, deploy(resource, deploy, applier, context));
        };
    }

    /** It is not to be served as it is declared now; whether what is there answers is told as well. */
    private Observation standing(R resource, Verdict why, Applier<R> applier, Context<R> context) {
        return awaiting(resource, why, applier, context)
                .map(rollout ->
                        new Observation(List.of(why, rollout.serving()), List.of(rollout.newest()), rollout, null))
                .orElseGet(() -> Observation.nothing(why));
    }

    /** It cannot be served just now as it is declared; what answers meanwhile is ready, as what was declared before. */
    private Observation meanwhile(R resource, Verdict why, Applier<R> applier, Context<R> context) {
        var rollout = awaiting(resource, why, applier, context).orElse(null);
        return rollout == null || !rollout.behind()
                ? new Observation(List.of(GRANTED, why), List.of(), rollout, null)
                : new Observation(List.of(GRANTED, rollout.serving()), List.of(rollout.newest()), rollout, null);
    }

    /** How its service stands, if there is one, while Knative cannot be told of what is declared. */
    protected final Optional<Rollout> awaiting(R resource, Verdict why, Applier<R> applier, Context<R> context) {
        return knative.watches(Service.class, context)
                ? present(resource, applier)
                        .map(service -> rollout(resource, service, context).awaiting(why))
                : Optional.empty();
    }

    /** How its service stands, which answers until Knative says that it does not. */
    protected final Rollout rollout(R resource, Service service, Context<R> context) {
        var rollout = Rollout.of(service, isServed(resource), revision -> revision(resource, revision, context));
        var target = rollout.target();
        var waited = condition(resource, Rollout.ROLLED_OUT)
                .filter(before -> before.reason().equals(Rollout.WAITING))
                .map(Condition::message)
                .filter(message -> target != null && message.contains(target));
        if (target != null && rollout.timedOut()) {
            return waited.map(rollout::stillWaiting).orElse(rollout);
        }
        if (target == null || rollout.newest().status() != Condition.Status.Unknown) {
            return rollout;
        }
        var pods = context.getClient()
                .pods()
                .inNamespace(resource.namespace())
                .withLabel(REVISION, target)
                .list()
                .getItems();
        return LastWords.of(pods)
                .map(rollout::crashing)
                .or(() -> Scheduling.refusal(pods).map(rollout::waiting))
                .or(() -> waited.filter(_ -> Scheduling.isNonePlaced(pods)).map(rollout::stillWaiting))
                .orElse(rollout);
    }

    /** One of its service, as the cluster has it now. */
    protected final Optional<Revision> revision(R resource, String name, Context<R> context) {
        return Optional.ofNullable(context.getClient()
                .resources(Revision.class)
                .inNamespace(resource.namespace())
                .withName(name)
                .get());
    }

    /** Whether a pod has ended again, or the scheduler says something else of it. */
    protected static boolean isNews(Pod now, Pod before) {
        return !LastWords.ends(now).equals(LastWords.ends(before))
                || !Scheduling.refusal(List.of(now)).equals(Scheduling.refusal(List.of(before)));
    }

    /** Whether requests were answered when it was last looked at, by a revision of this or of an earlier generation. */
    protected final boolean isServed(R resource) {
        return holds(resource, Rollout.DEPLOYED);
    }

    private boolean wasAccepted(R resource) {
        return condition(resource, ServingPlan.ACCEPTED)
                .filter(accepted ->
                        accepted.holds() && Long.valueOf(resource.generation()).equals(accepted.observedGeneration()))
                .isPresent();
    }

    private boolean holds(R resource, String type) {
        return condition(resource, type).filter(Condition::holds).isPresent();
    }

    private Optional<Condition> condition(R resource, String type) {
        T status = resource.getStatus();
        return status == null
                ? Optional.empty()
                : conditions(status).stream()
                        .filter(condition -> condition.type().equals(type))
                        .findFirst();
    }

    @Override
    public DeleteControl cleanup(R resource, Context<R> context) {
        withdraw(resource);
        leave(resource, context);
        // The one thing outside the cluster; all else goes with its owner.
        var holder = holder(resource);
        var store = means.credentials.storeOf(holder).orElseGet(() -> store(resource));
        return means.credentials.revoke(means.stores.find(store).orElse(null), holder)
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
                Datasets.byAge(means.datasets.in(namespace)),
                means.stores::find,
                (store, name) -> Grants.of(name, store.spec(), namespace, labels));
    }

    private Observation deploy(R resource, ServingPlan.Deploy plan, Applier<R> applier, Context<R> context) {
        if (!knative.watches(Service.class, context)) {
            return Observation.nothing(KnativeReadiness.missing(ServingPlan.ACCEPTED));
        }
        if (plan.store() == null) {
            return serveOrTell(resource, plan, null, applier, context);
        }
        var store = means.stores.find(plan.store()).orElseThrow();
        return switch (means.credentials.ensure(store, holder(resource), plan.openings())) {
            case ScopedCredentials.Outcome.Missing(var verdict) -> meanwhile(resource, verdict, applier, context);
            case ScopedCredentials.Outcome.Ready(var access) -> serveOrTell(resource, plan, access, applier, context);
        };
    }

    /** What Knative's webhook, or the cluster, refuses is told in their words; what is there stays as it is. */
    private Observation serveOrTell(
            R resource, ServingPlan.Deploy plan, @Nullable StoreAccess store, Applier<R> applier, Context<R> context) {
        try {
            return serve(resource, plan, store, applier, context);
        } catch (Applier.NameTakenException e) {
            return new Observation(List.of(GRANTED, e.verdict(Rollout.DEPLOYED)), List.of(), null, null);
        } catch (KubernetesClientException e) {
            if (!REFUSED.contains(e.getCode()) || e.getStatus() == null) {
                throw e;
            }
            return meanwhile(
                    resource,
                    Verdict.no(
                            Rollout.DEPLOYED, "DeploymentRefused", e.getStatus().getMessage()),
                    applier,
                    context);
        }
    }

    /** Its service, as the cluster has it. */
    protected final Optional<Service> present(R resource, Applier<R> applier) {
        return present(resource, service(resource), applier);
    }

    /** A service of that name, if it is its own. */
    protected final Optional<Service> present(R resource, String name, Applier<R> applier) {
        return applier.find(Service.class, resource.namespace(), name)
                .filter(found -> found.getMetadata().getOwnerReferences().stream()
                        .anyMatch(owner ->
                                owner.getUid().equals(resource.getMetadata().getUid())));
    }

    private UpdateControl<R> report(R resource, Observation observed) {
        T before = resource.getStatus();
        List<Condition> were = before == null ? List.of() : conditions(before);
        var conditions = Conditions.of(means.clock, resource.generation(), were);
        var rollout = observed.rollout;
        var behind = rollout != null && rollout.behind();
        for (var verdict : observed.verdicts) {
            if (behind && verdict.type().equals(Rollout.DEPLOYED)) {
                conditions.keeps(verdict);
            } else {
                conditions.requires(verdict);
            }
        }
        observed.notes.forEach(conditions::notes);
        var derived = conditions.derive();
        var status = status(resource, derived, rollout);
        var settled = derived.getFirst().status() == Condition.Status.True && !behind;
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
