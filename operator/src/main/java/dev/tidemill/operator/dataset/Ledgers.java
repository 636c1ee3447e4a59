package dev.tidemill.operator.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Json;
import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.operator.store.OpenStores;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectInfo;
import dev.tidemill.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Removes what a Dataset leaves in the state bucket. Its objects stay: they are the user's. */
final class Ledgers {

    /** Bytes of what a training comes to: names and numbers. */
    private static final int MOST = 64 << 10;

    private final OpenStores stores;

    Ledgers(OpenStores stores) {
        this.stores = stores;
    }

    /**
     * The one value of a Dataset that is too large for its status; null for one that is the state of a round, such as a network's weights.
     *
     * @param address {@code s3://bucket/key}, in the state bucket
     * @throws StoreException when the store does not give it
     */
    @Nullable
    JsonNode value(OpenStore store, String address) {
        var prefix = "s3://" + store.spec().stateBucket() + "/";
        if (!address.startsWith(prefix)) {
            throw new IllegalArgumentException(address + " is not in the state bucket of ObjectStore " + store.name());
        }
        try (var body = store.client()
                .get(store.spec().stateBucket(), address.substring(prefix.length()), ObjectClient.ReadOptions.ALL)) {
            return body.info().size() > MOST ? null : Json.mapper().readTree(body.stream());
        } catch (IOException e) {
            throw new UncheckedIOException(address + " cannot be read", e);
        }
    }

    /** Whether it is gone. A Dataset without a store that works has none to speak of, and must not be held up by it. */
    boolean delete(String storeName, String namespace, String name) {
        var store = stores.find(storeName);
        if (store.isEmpty()) {
            return true;
        }
        var bucket = store.get().spec().stateBucket();
        var prefix = namespace + "/" + name + "/";
        try {
            for (; ; ) {
                var page = store.get().client().list(bucket, prefix, null);
                if (!page.objects().isEmpty()) {
                    store.get()
                            .client()
                            .delete(
                                    bucket,
                                    page.objects().stream().map(ObjectInfo::key).toList());
                }
                if (page.last()) {
                    return true;
                }
            }
        } catch (StoreException.NoSuchBucket e) {
            return true;
        } catch (StoreException e) {
            return false;
        }
    }
}
