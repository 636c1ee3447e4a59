package dev.tidemill.local;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Keeps a prefix like a folder: a file that is new or changed is uploaded, one that is gone is removed if it was we who brought it.
 * What was uploaded is written down, so that an unchanged folder costs one HEAD a file and no upload.
 */
final class Uploads {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectClient store;
    private final Path folder;
    private final String bucket;
    private final String prefix;
    private final Path record;

    /**
     * A file as it was when it was uploaded, and the object that it became.
     *
     * @param modified in milliseconds
     */
    private record Uploaded(long size, long modified, String etag) {}

    /** @param record where to write down what was uploaded */
    Uploads(ObjectClient store, Path folder, String bucket, String prefix, Path record) {
        this.store = store;
        this.folder = folder;
        this.bucket = bucket;
        this.prefix = prefix;
        this.record = record;
    }

    /** Brings the prefix up to date and names the keys that changed. */
    Set<String> sync() {
        TreeMap<String, Uploaded> known = read();
        Set<String> changed = new HashSet<>();
        TreeMap<String, Uploaded> now = new TreeMap<>();
        try (var files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                String key = prefix + folder.relativize(file).toString().replace(java.io.File.separatorChar, '/');
                Uploaded before = known.get(key);
                if (before != null
                        && before.size == Files.size(file)
                        && before.modified == modified(file)
                        && isThere(key, before)) {
                    now.put(key, before);
                } else {
                    now.put(key, upload(file, key));
                    changed.add(key);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot upload " + folder + ": " + e.getMessage(), e);
        }
        Set<String> gone = new HashSet<>(known.keySet());
        gone.removeAll(now.keySet());
        if (!gone.isEmpty()) {
            store.delete(bucket, gone);
            changed.addAll(gone);
        }
        if (!changed.isEmpty()) {
            write(now);
        }
        return changed;
    }

    private boolean isThere(String key, Uploaded before) {
        Optional<ObjectInfo> object = store.head(bucket, key);
        return object.filter(info -> info.etag().equals(before.etag) && info.size() == before.size)
                .isPresent();
    }

    private Uploaded upload(Path file, String key) throws IOException {
        long size = Files.size(file);
        long modified = modified(file);
        try (InputStream in = Files.newInputStream(file)) {
            return new Uploaded(
                    size,
                    modified,
                    store.put(bucket, key, in, size, "application/octet-stream").etag());
        }
    }

    private static long modified(Path file) throws IOException {
        return Files.getLastModifiedTime(file).toMillis();
    }

    private TreeMap<String, Uploaded> read() {
        return DataDir.read(record)
                .map(text -> {
                    try {
                        return JSON.readValue(text, new TypeReference<TreeMap<String, Uploaded>>() {});
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .orElseGet(TreeMap::new);
    }

    private void write(TreeMap<String, Uploaded> uploads) {
        try {
            DataDir.write(record, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(uploads));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
