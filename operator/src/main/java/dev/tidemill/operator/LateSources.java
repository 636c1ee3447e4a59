package dev.tidemill.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Informers of kinds that a cluster may lack, such as Knative's: each begins when the cluster is first found to serve its kind, so
 * that the operator starts without them and goes on by itself when they come.
 */
public final class LateSources<P extends HasMetadata> {

    private final ServedKinds served;
    private final Map<Class<? extends HasMetadata>, Function<EventSourceContext<P>, EventSource<?, P>>> sources;
    private final Map<Class<?>, EventSource<?, P>> made = new HashMap<>();
    private final Set<Class<?>> begun = new HashSet<>();

    public LateSources(
            ServedKinds served,
            Map<Class<? extends HasMetadata>, Function<EventSourceContext<P>, EventSource<?, P>>> sources) {
        this.served = served;
        this.sources = sources;
    }

    /** Wakes every resource when a kind has come that one of them did without. */
    public EventSource<?, P> arrivals(EventSourceContext<P> context) {
        var arrivals = new SimpleInboundEventSource<P>("kinds");
        served.onArrival(() -> context.getPrimaryCache()
                .list(_ -> true)
                .map(ResourceID::fromResource)
                .forEach(arrivals::propagateEvent));
        return arrivals;
    }

    /** Whether objects of that kind can be applied and are watched. */
    public boolean watches(Class<? extends HasMetadata> kind, Context<P> context) {
        if (!served.serves(kind)) {
            return false;
        }
        var source = sources.get(kind);
        if (source == null) {
            throw new IllegalArgumentException("no informer of " + kind.getSimpleName() + " is declared");
        }
        synchronized (begun) {
            if (!begun.contains(kind)) {
                var retriever = context.eventSourceRetriever();
                // The same again where it could not begin before: it stays registered, and of two nobody could say
                // which is meant.
                retriever.dynamicallyRegisterEventSource(made.computeIfAbsent(
                        kind, _ -> source.apply(retriever.eventSourceContextForDynamicRegistration())));
                begun.add(kind);
            }
        }
        return true;
    }
}
