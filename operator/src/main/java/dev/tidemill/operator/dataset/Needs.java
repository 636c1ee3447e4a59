package dev.tidemill.operator.dataset;

import dev.tidemill.api.DatasetSpec.From;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which Datasets are decided from what: a change wakes those that it concerns, without going through ten thousand others. */
final class Needs {

    private static final String INDEX = "needs";

    private Needs() {}

    static void index(IndexerResourceCache<DatasetResource> datasets) {
        datasets.addIndexer(INDEX, Needs::keys);
    }

    /** Those to which it matters: {@link #store}, {@link #namespace}, {@link #function}, {@link #model(String, String)} or {@link #parent}. */
    static Set<ResourceID> whoNeeds(String key, IndexedResourceCache<DatasetResource> datasets) {
        return datasets.byIndex(INDEX, key).stream()
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    private static List<String> keys(DatasetResource dataset) {
        var spec = dataset.getSpec();
        var namespace = dataset.namespace();
        var from = spec.from();
        return Stream.concat(
                        Stream.of(
                                store(spec.store()),
                                namespace(namespace),
                                from == null ? null : parent(namespace, from.dataset())),
                        Stream.concat(
                                functions(dataset).map(name -> function(namespace, name)),
                                model(dataset).map(name -> model(namespace, name)).stream()))
                .filter(Objects::nonNull)
                .toList();
    }

    /** The functions that it names. */
    static Stream<String> functions(DatasetResource dataset) {
        var from = dataset.getSpec().from();
        return from == null
                ? Stream.empty()
                : Stream.of(from.function(), from.combineFunction())
                        .filter(Objects::nonNull)
                        .distinct();
    }

    /** The model that it names. */
    static Optional<String> model(DatasetResource dataset) {
        return Optional.ofNullable(dataset.getSpec().from()).map(From::model);
    }

    static String store(String name) {
        return "store/" + name;
    }

    static String namespace(String name) {
        return "namespace/" + name;
    }

    static String function(String namespace, String name) {
        return "function/" + namespace + "/" + name;
    }

    static String model(String namespace, String name) {
        return "model/" + namespace + "/" + name;
    }

    static String parent(String namespace, String name) {
        return "parent/" + namespace + "/" + name;
    }
}
