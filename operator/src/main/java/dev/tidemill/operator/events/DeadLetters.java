package dev.tidemill.operator.events;

import dev.tidemill.operator.KubernetesEvents;
import dev.tidemill.operator.KubernetesEvents.Type;
import dev.tidemill.operator.function.FunctionResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Metrics;
import org.jspecify.annotations.Nullable;

/** Tells of events that a function could not be given, on the Function and as a metric. */
public final class DeadLetters {

    private final KubernetesClient client;
    private final KubernetesEvents events;

    public DeadLetters(KubernetesClient client, KubernetesEvents events) {
        this.client = client;
        this.events = events;
    }

    /**
     * What a broker says of it.
     *
     * @param code HTTP status of the last attempt
     */
    record Letter(
            @Nullable String type,
            @Nullable String id,
            @Nullable String code) {}

    void take(String namespace, String name, Letter letter) {
        Metrics.counter("tidemill.dead.letters", "namespace", namespace, "function", name)
                .increment();
        var function = client.resources(FunctionResource.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (function != null) {
            events.tell(
                    function,
                    Type.Warning,
                    "EventNotDelivered",
                    "event %s of type %s was given up after all retries; the function's last answer was %s"
                            .formatted(letter.id, letter.type, letter.code));
        }
    }
}
