package dev.tidemill.operator.store;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The stores that passed their probe, kept by {@link ObjectStoreReconciler} for the other reconcilers. */
@ApplicationScoped
public class OpenStores {

    private final Map<String, OpenStore> stores = new ConcurrentHashMap<>();

    public Optional<OpenStore> find(String name) {
        return Optional.ofNullable(stores.get(name));
    }

    void put(OpenStore store) {
        var before = stores.put(store.name(), store);
        if (before != null && before.client() != store.client()) {
            before.client().close();
        }
    }

    void remove(String name) {
        var before = stores.remove(name);
        if (before != null) {
            before.client().close();
        }
    }
}
