package dev.tidemill.operator.dataset;

import dev.tidemill.operator.store.OpenStores;
import dev.tidemill.store.ObjectInfo;
import dev.tidemill.store.StoreException;

/** Removes what a Dataset leaves in the state bucket. Its objects stay: they are the user's. */
final class Ledgers {

    private final OpenStores stores;

    Ledgers(OpenStores stores) {
        this.stores = stores;
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
