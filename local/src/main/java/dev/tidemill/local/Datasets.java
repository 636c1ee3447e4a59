package dev.tidemill.local;

import dev.tidemill.api.Conditions;
import dev.tidemill.api.Dataset;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.dataflow.DatasetRef;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.local.display.Display;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The Datasets of a run and what is seen of each. They are declared by one thread; statuses come from any. */
final class Datasets {

    private final ResourceBook book;
    private final Display display;
    private final Map<Graph.Id, Dataset> declared = new LinkedHashMap<>();
    private final Map<Graph.Id, DatasetStatus> statuses = new ConcurrentHashMap<>();
    private final Map<Graph.Id, DatasetStatus> refused = new ConcurrentHashMap<>();

    Datasets(ResourceBook book, Display display) {
        this.book = book;
        this.display = display;
    }

    /** Takes one in that is in the book. What an earlier run saw of it stands until something else is seen: the driver tells news only. */
    void declare(Dataset dataset) {
        Graph.Id id = ResourceBook.id(dataset);
        declared.put(id, dataset);
        DatasetStatus known = dataset.status();
        if (known != null
                && Objects.equals(known.observedGeneration(), dataset.metadata().generation())) {
            statuses.putIfAbsent(id, known);
        }
    }

    void forEach(BiConsumer<Graph.Id, Dataset> action) {
        declared.forEach(action);
    }

    /** One of this run, or of an earlier one with this data directory. */
    Optional<Dataset> find(Graph.Id id) {
        return Optional.ofNullable(declared.get(id))
                .or(() -> book.find("dataset", id.namespace(), id.name()).map(Dataset.class::cast));
    }

    /** Where the objects of the Datasets of a namespace lie, by name. */
    Map<String, S3Prefix> places(String namespace) {
        return places(declared.values(), namespace);
    }

    /** The same of all that are in the book. */
    static Map<String, S3Prefix> places(ResourceBook book, String namespace) {
        return places(book.list("dataset").stream().map(Dataset.class::cast).toList(), namespace);
    }

    private static Map<String, S3Prefix> places(Collection<Dataset> datasets, String namespace) {
        Map<String, S3Prefix> places = new HashMap<>();
        for (Dataset dataset : datasets) {
            if (ResourceBook.namespace(dataset).equals(namespace)) {
                dataset.spec()
                        .place()
                        .ifPresent(place -> places.put(dataset.metadata().name(), place));
            }
        }
        return places;
    }

    @Nullable
    DatasetStatus status(Graph.Id id) {
        return statuses.get(id);
    }

    /** Those that are known, in the order of declaration. */
    Map<Graph.Id, DatasetStatus> statuses() {
        Map<Graph.Id, DatasetStatus> ordered = new LinkedHashMap<>();
        declared.keySet()
                .forEach(id -> Optional.ofNullable(statuses.get(id)).ifPresent(status -> ordered.put(id, status)));
        return ordered;
    }

    /** Those that are known now; for any thread. */
    Map<Graph.Id, DatasetStatus> seen() {
        return Map.copyOf(statuses);
    }

    void update(DatasetRef dataset, DatasetStatus status) {
        statuses.put(new Graph.Id(dataset.namespace(), dataset.name()), status);
        book.update(dataset.namespace(), dataset.name(), status);
        display.status(dataset.name(), status);
    }

    /** It cannot be worked on. */
    void refuse(Graph.Id id, Dataset dataset, String reason, String message) {
        DatasetStatus before = Optional.ofNullable(dataset.status())
                .orElseGet(() -> DatasetStatus.builder().build());
        Long generation = dataset.metadata().generation();
        refused.putIfAbsent(id, Optional.ofNullable(statuses.get(id)).orElse(before));
        update(
                ref(id),
                before.with()
                        .observed(
                                generation,
                                Conditions.of(Clock.systemUTC(), generation, before.conditions())
                                        .requires(Conditions.Verdict.no("Resolved", reason, message))
                                        .derive())
                        .build());
    }

    /** It can be worked on. What was seen of it before it was refused stands again: the driver, which never heard of that, tells news only. */
    void allow(Graph.Id id, Dataset dataset) {
        DatasetStatus before = refused.remove(id);
        if (before != null
                && Objects.equals(
                        before.observedGeneration(), dataset.metadata().generation())) {
            update(ref(id), before);
        }
    }

    private static DatasetRef ref(Graph.Id id) {
        return new DatasetRef(id.namespace(), id.name(), "", 0);
    }
}
