package dev.tidemill.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an informer keeps of our own kinds: all but the record of who set which field, which is more than half of a Dataset in memory
 * and which nobody here reads. Not for what is applied: the comparison with what is desired goes by that record.
 */
public final class LeanStore<R extends HasMetadata> implements ItemStore<R> {

    private final Map<String, R> items = new ConcurrentHashMap<>();

    @Override
    public String getKey(R item) {
        return Cache.metaNamespaceKeyFunc(item);
    }

    @Override
    public @Nullable R put(String key, R item) {
        item.getMetadata().setManagedFields(null);
        return items.put(key, item);
    }

    @Override
    public @Nullable R remove(String key) {
        return items.remove(key);
    }

    @Override
    public Stream<String> keySet() {
        return items.keySet().stream();
    }

    @Override
    public Stream<R> values() {
        return items.values().stream();
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public @Nullable R get(String key) {
        return items.get(key);
    }
}
