package dev.tidemill.operator.store;

import dev.tidemill.api.ObjectStoreSpec;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.StoreConfig;
import org.jspecify.annotations.Nullable;

/**
 * An ObjectStore that the operator has a connection to.
 *
 * @param uid of the ObjectStore
 * @param admin null where the store mints no credentials: its namespaces bring their own
 */
public record OpenStore(
        String name,
        String uid,
        ObjectStoreSpec spec,
        StoreConfig config,
        ObjectClient client,
        @Nullable StoreAdmin admin) {}
