package dev.tidemill.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which kinds the cluster serves. What it serves once it serves for good. What it was once asked for in vain is looked for until it
 * comes: by one thread, however many resources wait for it.
 */
@ApplicationScoped
public class ServedKinds implements AutoCloseable {

    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final KubernetesClient client;
    private final Set<Class<? extends HasMetadata>> served = ConcurrentHashMap.newKeySet();
    private final Set<Class<? extends HasMetadata>> lacking = ConcurrentHashMap.newKeySet();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock asking = new ReentrantLock();
    private @Nullable Thread search;

    public ServedKinds(KubernetesClient client) {
        this.client = client;
    }

    public boolean serves(Class<? extends HasMetadata> kind) {
        if (served.contains(kind)) {
            return true;
        }
        // One at a time: whoever waited finds what the other one has found.
        asking.lock();
        try {
            return !lacking.contains(kind) && (served.contains(kind) || ask(kind));
        } finally {
            asking.unlock();
        }
    }

    /** Calls back when a kind has come that somebody asked for in vain. */
    public void onArrival(Runnable listener) {
        listeners.add(listener);
    }

    private boolean ask(Class<? extends HasMetadata> kind) {
        if (client.supports(kind)) {
            served.add(kind);
            return true;
        }
        lacking.add(kind);
        if (search == null) {
            search = Thread.ofVirtual().name("served-kinds").start(this::search);
        }
        return false;
    }

    private void search() {
        try {
            for (; ; ) {
                Thread.sleep(AGAIN);
                var came = false;
                for (var kind : lacking) {
                    came |= hasCome(kind);
                }
                if (came) {
                    listeners.forEach(Runnable::run);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean hasCome(Class<? extends HasMetadata> kind) {
        try {
            if (!client.supports(kind)) {
                return false;
            }
        } catch (KubernetesClientException e) {
            // An API server that is away says nothing of its kinds.
            return false;
        }
        served.add(kind);
        lacking.remove(kind);
        return true;
    }

    @Override
    @PreDestroy
    public void close() {
        asking.lock();
        try {
            if (search != null) {
                search.interrupt();
            }
        } finally {
            asking.unlock();
        }
    }
}
