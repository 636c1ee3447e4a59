package dev.tidemill.operator.dataset;

import dev.tidemill.api.DatasetSpec;
import io.javaoperatorsdk.operator.api.reconciler.ResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The Datasets of the cluster, for the reconcilers of other kinds. There is one informer of them, {@link DatasetReconciler}'s: with ten
 * thousand Datasets each further one would be a tenth of the operator's memory, and read every status that is written.
 */
@ApplicationScoped
public class Datasets {

    private final Map<ResourceID, Long> generations = new ConcurrentHashMap<>();
    private final List<Consumer<DatasetResource>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable ResourceCache<DatasetResource> cache;

    /** Calls back with each Dataset that came, that went, or whose spec changed. */
    public void onChange(Consumer<DatasetResource> listener) {
        listeners.add(listener);
    }

    /** Those of a namespace that stay; none before they have been listed, after which {@link #onChange} tells of each. */
    public Stream<DatasetResource> in(String namespace) {
        var known = cache;
        return known == null ? Stream.empty() : known.list(namespace, Datasets::stays);
    }

    /** One of them, if it is not about to go: {@link #onChange} tells of that, and not of its end. */
    public Optional<DatasetResource> find(String namespace, String name) {
        return known(namespace, name).filter(Datasets::stays);
    }

    /** One of them, be it about to go. */
    Optional<DatasetResource> known(String namespace, String name) {
        var known = cache;
        return known == null ? Optional.empty() : known.get(new ResourceID(name, namespace));
    }

    /** Their specs by name, the oldest one first. */
    public static SequencedMap<String, DatasetSpec> byAge(Stream<DatasetResource> datasets) {
        return datasets.sorted(Comparator.comparing(
                                (DatasetResource dataset) ->
                                        dataset.getMetadata().getCreationTimestamp(),
                                Comparator.nullsLast(Comparator.naturalOrder()))
                        .thenComparing(DatasetResource::name))
                .collect(Collectors.toMap(
                        DatasetResource::name, DatasetResource::getSpec, (one, _) -> one, LinkedHashMap::new));
    }

    private static boolean stays(DatasetResource dataset) {
        return dataset.getMetadata().getDeletionTimestamp() == null;
    }

    void keptBy(ResourceCache<DatasetResource> informer) {
        cache = informer;
    }

    void looksAt(DatasetResource dataset) {
        var before = generations.put(ResourceID.fromResource(dataset), dataset.generation());
        if (before == null || before != dataset.generation()) {
            tell(dataset);
        }
    }

    void gone(DatasetResource dataset) {
        generations.remove(ResourceID.fromResource(dataset));
        tell(dataset);
    }

    private void tell(DatasetResource dataset) {
        listeners.forEach(listener -> listener.accept(dataset));
    }
}
