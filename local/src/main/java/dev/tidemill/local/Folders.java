package dev.tidemill.local;

import dev.tidemill.api.Dataset;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.Metadata;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.dataflow.UnresolvedException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Buckets and files that have to be there before a Dataset is looked at; what changes in its folder changes its prefix. */
final class Folders {

    private final DataDir data;
    private final LocalStore store;
    private final Map<Graph.Id, Uploads> uploads = new LinkedHashMap<>();

    Folders(DataDir data, LocalStore store) {
        this.data = data;
        this.store = store;
    }

    /**
     * Makes the buckets, where the store is ours, and uploads the folder that the annotation names.
     *
     * @throws UnresolvedException if there is no such folder
     */
    void prepare(Graph.Id id, Dataset dataset, @Nullable Path declaredIn) {
        DatasetSpec spec = dataset.spec();
        if (store.isEmbedded()) {
            Stream.of(
                            Optional.ofNullable(spec.source()).map(DatasetSpec.Source::bucket),
                            Optional.ofNullable(spec.output()).map(DatasetSpec.Output::bucket))
                    .flatMap(Optional::stream)
                    .forEach(store::ensureBucket);
        }
        String local = dataset.metadata().annotation(Metadata.LOCAL);
        DatasetSpec.Source source = spec.source();
        if (local == null || source == null || declaredIn == null) {
            return;
        }
        Path folder = declaredIn.toAbsolutePath().resolveSibling(local).normalize();
        if (!folder.toFile().isDirectory()) {
            throw new UnresolvedException(
                    "FolderMissing",
                    "%s (its annotation %s, relative to %s) is no folder"
                            .formatted(folder, Metadata.LOCAL, declaredIn));
        }
        Uploads upload = new Uploads(
                store.client(),
                folder,
                source.bucket(),
                source.prefix(),
                data.root().resolve("uploads").resolve(id.namespace()).resolve(id.name() + ".json"));
        upload.sync();
        uploads.put(id, upload);
    }

    /** Uploads what has changed, and tells of the Datasets over it and their keys. */
    void sync(BiConsumer<Graph.Id, Set<String>> changed) {
        uploads.forEach((id, upload) -> {
            Set<String> keys = upload.sync();
            if (!keys.isEmpty()) {
                changed.accept(id, keys);
            }
        });
    }
}
