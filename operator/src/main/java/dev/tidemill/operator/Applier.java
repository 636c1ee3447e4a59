package dev.tidemill.operator;

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

    /** Applies a Knative Service, and has its newest revision tried again where Knative has given that up. */
    public Service serve(Service desired) {
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

    private <R extends HasMetadata> InformerEventSource<R, P> informer(Class<R> kind) {
        return (InformerEventSource<R, P>) context.eventSourceRetriever().getEventSourceFor(kind);
    }
}
