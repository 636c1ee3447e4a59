package dev.tidemill.operator.store;

import dev.tidemill.store.ObjectInfo;
import dev.tidemill.store.StoreException;

/** Removes what a resource leaves in the state bucket: a Dataset's ledger, a Model's artifacts. What lies elsewhere is the user's. */
public final class StateFolders {

    private final OpenStores stores;

    public StateFolders(OpenStores stores) {
        this.stores = stores;
    }

    /**
     * Whether it is gone. A resource without a store that works has none to speak of, and must not be held up by it.
     *
     * @param folder ends with {@code /}
     */
    public boolean delete(String storeName, String folder) {
        var store = stores.find(storeName);
        if (store.isEmpty()) {
            return true;
        }
        var bucket = store.get().spec().stateBucket();
        try {
            for (; ; ) {
                var page = store.get().client().list(bucket, folder, null);
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
