package dev.tidemill.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
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
    private final Set<Class<?>> begun = new HashSet<>();

    public LateSources(
            ServedKinds served,
            Map<Class<? extends HasMetadata>, Function<EventSourceContext<P>, EventSource<?, P>>> sources) {
        this.served = served;
        this.sources = sources;
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
                retriever.dynamicallyRegisterEventSource(
                        source.apply(retriever.eventSourceContextForDynamicRegistration()));
                begun.add(kind);
            }
        }
        return true;
    }
}
