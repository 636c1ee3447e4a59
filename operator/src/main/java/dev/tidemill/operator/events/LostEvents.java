package dev.tidemill.operator.events;

import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.ObjectStore;
import dev.tidemill.dataflow.FunctionClient;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.operator.KubernetesEvents;
import dev.tidemill.operator.KubernetesEvents.Type;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.store.OpenStores;
import dev.tidemill.store.StoreException;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * What becomes of an event that a broker has given up: it is told on the Function and as a metric, kept among the {@link DeadLetters},
 * and sent again when somebody annotates the Function.
 */
public final class LostEvents {

    private static final Logger LOG = Logger.getLogger(LostEvents.class);

    private final KubernetesClient client;
    private final OpenStores stores;
    private final FunctionClient http;
    private final KubernetesEvents events;
    private final DeadLetters letters;

    /** The annotation's value that each Function's letters were last sent for, by this process. */
    private final Map<String, String> redriven = new ConcurrentHashMap<>();

    public LostEvents(
            KubernetesClient client, OpenStores stores, FunctionClient http, KubernetesEvents events, Clock clock) {
        this.client = client;
        this.stores = stores;
        this.http = http;
        this.events = events;
        this.letters = new DeadLetters(clock);
    }

    /**
     * Takes one from the broker.
     *
     * @param why the function's last answer
     * @return whether it is kept; else the broker had better come back
     */
    boolean take(String namespace, String name, Event event, String why) {
        Metric.DEAD_LETTERS.of(namespace, name).increment();
        var function = client.resources(FunctionResource.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (function == null) {
            // Nobody is left to send it to.
            return true;
        }
        var box = box(function);
        if (box.isEmpty()) {
            return false;
        }
        try {
            letters.keep(box.get(), event, why, redrive(function));
        } catch (StoreException e) {
            LOG.warnf("event %s for function %s/%s is not kept: %s", event.id(), namespace, name, e.getMessage());
            return false;
        }
        events.tell(
                function,
                Type.Warning,
                "EventNotDelivered",
                "event %s of type %s was given up after all retries: %s; it is kept, and kubectl annotate function/%s %s=<new value> sends it again"
                        .formatted(event.id(), event.type(), why, name, Metadata.REDRIVE));
        return true;
    }

    /**
     * Begins to send its dead letters again, if it has been annotated with a new value.
     *
     * @param address where its broker delivers
     */
    public void redrive(FunctionResource function, URI address) {
        var token = redrive(function);
        var key = function.namespace() + "/" + function.name() + "/"
                + function.getMetadata().getUid();
        var box = box(function);
        if (token.isEmpty() || box.isEmpty() || token.equals(redriven.put(key, token))) {
            return;
        }
        Thread.ofVirtual().name("redrive " + key).start(() -> {
            try {
                var timeout = function.getSpec().timeout().duration();
                var done = letters.redrive(box.get(), token, http, address, timeout);
                if (done.taken() + done.left() > 0) {
                    events.tell(
                            function,
                            done.left() == 0 ? Type.Normal : Type.Warning,
                            "Redriven",
                            "%d dead letters were taken, %d are left".formatted(done.taken(), done.left()));
                }
            } catch (IOException | StoreException e) {
                // The next reconciliation goes on.
                redriven.remove(key, token);
                LOG.warnf("dead letters of function %s: %s", key, e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static String redrive(FunctionResource function) {
        return Objects.requireNonNullElse(function.annotation(Metadata.REDRIVE), "");
    }

    /** In the store of its data, else in the default one. */
    private Optional<DeadLetters.Box> box(FunctionResource function) {
        var name = function.getSpec().data().stream()
                .map(FunctionSpec.Binding::store)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(ObjectStore.DEFAULT);
        return stores.find(name)
                .map(store -> new DeadLetters.Box(
                        store.client(), store.spec().stateBucket(), function.namespace(), function.name()));
    }
}
