package dev.tidemill.local;

import dev.tidemill.dataflow.ObjectSource;
import dev.tidemill.profile.ByteSource;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectInfo;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What a path on the command line stands for. */
final class Inputs {

    private Inputs() {}

    /**
     * A file, all files of a folder and those below it, or what a glob matches; in the order of their names, hidden ones left out.
     *
     * @throws UsageException if there is none
     */
    static List<ByteSource> files(String place) throws IOException {
        Path path = Path.of(place);
        List<Path> files;
        if (Files.isRegularFile(path)) {
            files = List.of(path);
        } else if (Files.isDirectory(path)) {
            files = below(path, _ -> true);
        } else if (place.matches(".*[*?\\[{].*")) {
            files = below(root(path), FileSystems.getDefault().getPathMatcher("glob:" + path.normalize()));
        } else {
            throw new UsageException(place + " does not exist");
        }
        if (files.isEmpty()) {
            throw new UsageException("there is no file in " + place);
        }
        return files.stream().map(ByteSource::of).toList();
    }

    /** The part of a glob before its first wildcard. */
    private static Path root(Path glob) {
        Path root = glob.isAbsolute() ? glob.getRoot() : Path.of("");
        for (Path name : glob) {
            if (name.toString().matches(".*[*?\\[{].*")) {
                break;
            }
            root = root.resolve(name);
        }
        return root;
    }

    private static List<Path> below(Path folder, PathMatcher wanted) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !folder.relativize(file).toString().matches("(.*/)?\\..*"))
                    .filter(file -> wanted.matches(file.normalize()))
                    .sorted()
                    .toList();
        }
    }

    /** @throws UsageException if there is none */
    static List<ByteSource> objects(ObjectClient store, String address) {
        String path = address.substring("s3://".length());
        int slash = path.indexOf('/');
        String bucket = slash < 0 ? path : path.substring(0, slash);
        String prefix = slash < 0 ? "" : path.substring(slash + 1);
        List<ByteSource> objects = new ArrayList<>();
        String last = null;
        ObjectClient.Page page;
        do {
            page = store.list(bucket, prefix, last);
            for (ObjectInfo object : page.objects()) {
                last = object.key();
                if (!object.key().endsWith("/")) {
                    objects.add(new ObjectSource(store, bucket, object.key(), object.etag(), object.size()));
                }
            }
        } while (!page.last());
        if (objects.isEmpty()) {
            throw new UsageException("there is no object in " + address);
        }
        return objects;
    }
}
