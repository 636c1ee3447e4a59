package dev.tidemill.operator;

import dev.tidemill.api.Conditions.Verdict;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings objects to the desired state by server-side apply, and writes only where the fields that we own differ: a settled
 * resource costs no request. What it compares with is the informers' cache, so a kind that is applied needs an event source.
 */
public final class Applier<P extends HasMetadata> {

    private final Context<P> context;
    private final Clock clock;

    public Applier(Context<P> context, Clock clock) {
        this.context = context;
        this.clock = clock;
    }

    /** The cached object of that kind and name. */
    public <R extends HasMetadata> Optional<R> find(Class<R> kind, @Nullable String namespace, String name) {
        return informer(kind).get(new ResourceID(name, namespace));
    }

    /** Applies, unless it is so already, and returns the object as the cluster has it. */
    @SuppressWarnings("unchecked")
    public <R extends HasMetadata> R apply(R desired) {
        var kind = (Class<R>) desired.getClass();
        var actual = find(
                kind,
                desired.getMetadata().getNamespace(),
                desired.getMetadata().getName());
        if (actual.isPresent()
                && SSABasedGenericKubernetesResourceMatcher.getInstance().matches(actual.get(), desired, context)) {
            return actual.get();
        }
        return context.resourceOperations().serverSideApply(desired, informer(kind));
    }

    /** Thrown where a Knative Service of that name is somebody else's. */
    public static final class NameTakenException extends RuntimeException {

        private NameTakenException(Service there) {
            super("there is a Knative Service %s already, which is %s: rename one of the two"
                    .formatted(
                            there.getMetadata().getName(),
                            controller(there)
                                    .map(of -> "of " + of)
                                    .orElse(isOurs(there) ? "of the namespace's data path" : "none of Tidemill's")));
        }

        /** The same as a verdict. */
        public Verdict verdict(String type) {
            return Verdict.no(type, "NameTaken", String.valueOf(getMessage()));
        }
    }

    /**
     * Applies a Knative Service, and has its newest revision tried again where Knative has given that up.
     *
     * @throws NameTakenException and leaves it alone, if it is not ours, or of another owner
     */
    public Service serve(Service desired) {
        var meta = desired.getMetadata();
        find(Service.class, meta.getNamespace(), meta.getName())
                .or(() -> Optional.ofNullable(
                        context.getClient().resource(desired).get()))
                .filter(there -> !isOurs(there) || !controller(there).equals(controller(desired)))
                .ifPresent(there -> {
                    throw new NameTakenException(there);
                });
        var service = apply(desired);
        SecondChance.give(service, context.getClient(), Instant.now(clock));
        return service;
    }

    /** The cached objects of that kind with that label. */
    public <R extends HasMetadata> Stream<R> list(Class<R> kind, String namespace, String label, String value) {
        return informer(kind)
                .list(
                        namespace,
                        object -> value.equals(object.getMetadata().getLabels().get(label)));
    }

    /** Deletes what is there and no longer desired. */
    public <R extends HasMetadata> void delete(Class<R> kind, String namespace, String name) {
        find(kind, namespace, name)
                .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
                .ifPresent(object -> context.getClient().resource(object).delete());
    }

    private static boolean isOurs(Service service) {
        return service.getMetadata().getLabels() != null
                && Labels.MANAGER.equals(service.getMetadata().getLabels().get(Labels.MANAGED_BY));
    }

    /** By name: one that was deleted and is declared again has another UID. */
    private static Optional<String> controller(Service service) {
        return service.getMetadata().getOwnerReferences().stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .map(owner -> owner.getKind() + " " + owner.getName())
                .findFirst();
    }

    private <R extends HasMetadata> InformerEventSource<R, P> informer(Class<R> kind) {
        return (InformerEventSource<R, P>) context.eventSourceRetriever().getEventSourceFor(kind);
    }
}
