package dev.tidemill.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tidemill.api.Dataset;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Function;
import dev.tidemill.api.Json;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.api.ObjectStore;
import dev.tidemill.api.Resource;
import dev.tidemill.dataflow.Graph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The resources as they were last applied, with what an API server would add: UID, generation, time of creation, status. */
final class ResourceBook {

    static final String DEFAULT_NAMESPACE = "default";

    private static final ObjectMapper JSON = Json.mapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final DataDir data;
    private final Path folder;
    private final Clock clock;

    ResourceBook(DataDir data, Clock clock) {
        this.data = data;
        this.folder = data.resources();
        this.clock = clock;
    }

    static String namespace(Resource resource) {
        return Objects.requireNonNullElse(resource.metadata().namespace(), DEFAULT_NAMESPACE);
    }

    static Graph.Id id(Resource resource) {
        return new Graph.Id(namespace(resource), resource.metadata().name());
    }

    /** Writes the resource down as declared; a changed spec is a new generation, and the status is kept. */
    Resource apply(Resource declared) {
        return data.alone(() -> applyAlone(declared, before -> generation(before, declared)));
    }

    /** Writes down what belongs to a resource and is of its generation; the status is kept. */
    Dataset own(Dataset owned) {
        long generation = Objects.requireNonNull(owned.metadata().generation());
        return data.alone(() -> (Dataset) applyAlone(owned, _ -> generation));
    }

    /** Later by one where the spec has changed. */
    private static long generation(@Nullable Resource before, Resource declared) {
        return before == null
                ? 1
                : Objects.requireNonNullElse(before.metadata().generation(), 1L) + (sameSpec(before, declared) ? 0 : 1);
    }

    private Resource applyAlone(Resource declared, ToLongFunction<@Nullable Resource> generations) {
        Resource before = find(
                        kind(declared), namespace(declared), declared.metadata().name())
                .orElse(null);
        Metadata known = before == null ? null : before.metadata();
        long generation = generations.applyAsLong(before);
        Metadata given = declared.metadata();
        Metadata metadata = new Metadata(
                given.name(),
                namespace(declared),
                given.labels(),
                annotations(given, known),
                known == null ? UUID.randomUUID().toString() : known.uid(),
                generation,
                known == null ? Instant.now(clock).truncatedTo(ChronoUnit.SECONDS) : known.creationTimestamp());
        Resource applied = switch (declared) {
            case Dataset dataset ->
                new Dataset(
                        dataset.apiVersion(),
                        metadata,
                        dataset.spec(),
                        before instanceof Dataset old ? old.status() : null);
            case Function function ->
                new Function(
                        function.apiVersion(),
                        metadata,
                        function.spec(),
                        before instanceof Function old ? old.status() : null);
            case ObjectStore store -> new ObjectStore(store.apiVersion(), metadata, store.spec(), null);
            case Model model ->
                new Model(
                        model.apiVersion(), metadata, model.spec(), before instanceof Model old ? old.status() : null);
        };
        return write(applied);
    }

    /** A redrive that was asked for on the command line outlives the YAML, which does not know of it. */
    private static Map<String, String> annotations(Metadata given, @Nullable Metadata known) {
        String redrive = known == null ? null : known.annotation(Metadata.REDRIVE);
        if (redrive == null || given.annotation(Metadata.REDRIVE) != null) {
            return given.annotations();
        }
        var annotations = new TreeMap<>(given.annotations());
        annotations.put(Metadata.REDRIVE, redrive);
        return annotations;
    }

    void annotate(Dataset dataset, String annotation, String value) {
        Metadata metadata = dataset.metadata();
        var annotations = new TreeMap<>(metadata.annotations());
        annotations.put(annotation, value);
        data.alone(() -> write(new Dataset(
                dataset.apiVersion(),
                new Metadata(
                        metadata.name(),
                        metadata.namespace(),
                        metadata.labels(),
                        annotations,
                        metadata.uid(),
                        metadata.generation(),
                        metadata.creationTimestamp()),
                dataset.spec(),
                dataset.status())));
    }

    void update(String namespace, String name, DatasetStatus status) {
        data.alone(() -> find("dataset", namespace, name)
                .map(Dataset.class::cast)
                .map(dataset -> new Dataset(dataset.apiVersion(), dataset.metadata(), dataset.spec(), status))
                .map(this::write));
    }

    /** Writes another status of a Model down and returns it. */
    ModelStatus update(Model model, UnaryOperator<ModelStatus> change) {
        return data.alone(() -> {
            Model known = find("model", namespace(model), model.metadata().name())
                    .map(Model.class::cast)
                    .orElse(model);
            ModelStatus before = Objects.requireNonNullElse(known.status(), ModelStatus.EMPTY);
            ModelStatus after = change.apply(before);
            if (!after.equals(before)) {
                write(new Model(known.apiVersion(), known.metadata(), known.spec(), after));
            }
            return after;
        });
    }

    Optional<Resource> find(String kind, String namespace, String name) {
        return DataDir.read(file(kind, namespace, name)).map(ResourceBook::parse);
    }

    /** All of a kind, by namespace and name. */
    List<Resource> list(String kind) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.walk(folder, 3)) {
            return files.filter(file -> file.endsWith(Path.of(kind, String.valueOf(file.getFileName())))
                            && file.toString().endsWith(".json"))
                    .sorted()
                    .flatMap(file -> DataDir.read(file).stream())
                    .map(ResourceBook::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String kind(Resource resource) {
        return resource.reference().substring(0, resource.reference().indexOf('/'));
    }

    private static boolean sameSpec(Resource before, Resource declared) {
        return switch (declared) {
            case Dataset dataset -> before instanceof Dataset old && old.spec().equals(dataset.spec());
            case Function function ->
                before instanceof Function old && old.spec().equals(function.spec());
            case ObjectStore store ->
                before instanceof ObjectStore old && old.spec().equals(store.spec());
            case Model model -> before instanceof Model old && old.spec().equals(model.spec());
        };
    }

    private Resource write(Resource resource) {
        try {
            DataDir.write(
                    file(
                            kind(resource),
                            namespace(resource),
                            resource.metadata().name()),
                    JSON.writerFor(Resource.class).writeValueAsString(resource) + "\n");
            return resource;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Resource parse(String json) {
        try {
            return JSON.readValue(json, Resource.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path file(String kind, String namespace, String name) {
        return folder.resolve(namespace).resolve(kind).resolve(name + ".json");
    }
}
