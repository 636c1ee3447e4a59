package dev.tidemill.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which kinds the cluster serves. What it serves once it serves for good; what it lacks is looked for again. */
@ApplicationScoped
public class ServedKinds {

    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final KubernetesClient client;
    private final Clock clock;
    private final Set<Class<?>> served = ConcurrentHashMap.newKeySet();
    private final Map<Class<?>, Instant> lacking = new ConcurrentHashMap<>();

    public ServedKinds(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    public boolean serves(Class<? extends HasMetadata> kind) {
        if (served.contains(kind)) {
            return true;
        }
        synchronized (lacking) {
            return find(kind);
        }
    }

    /** One at a time: whoever waited finds what the other one has found. */
    private boolean find(Class<? extends HasMetadata> kind) {
        if (served.contains(kind)) {
            return true;
        }
        var now = Instant.now(clock);
        var looked = lacking.get(kind);
        if (looked != null && now.isBefore(looked.plus(AGAIN))) {
            return false;
        }
        if (client.supports(kind)) {
            served.add(kind);
            lacking.remove(kind);
            return true;
        }
        lacking.put(kind, now);
        return false;
    }
}
