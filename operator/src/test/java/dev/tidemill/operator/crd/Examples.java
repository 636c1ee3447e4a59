package dev.tidemill.operator.crd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files of {@code src/test/resources/crd}: what both judges, the API server and the reader, must take or refuse. */
final class Examples {

    private Examples() {}

    /**
     * A file.
     *
     * @param cluster what the API server must say; empty for a valid file
     * @param laptop what the reader must say; empty for a valid file
     */
    record Example(Path file, String cluster, String laptop) {

        String text() {
            return read(file);
        }

        @Override
        public String toString() {
            return file.getFileName().toString();
        }
    }

    /** The files whose names begin with {@code valid-}, {@code invalid-} or {@code change-}. */
    static List<Example> of(String kind) {
        return files(Crds.root().resolve("operator/src/test/resources/crd"), kind + "-").stream()
                .filter(example -> example.toString().startsWith(kind))
                .toList();
    }

    /** The numbered examples for readers. */
    static List<Example> shipped() {
        return files(Crds.root().resolve("k8s/examples"), ".yaml");
    }

    private static List<Example> files(Path folder, String part) {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().contains(part))
                    .sorted()
                    .map(Examples::example)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Example example(Path file) {
        var refused = comment(file, "refused");
        return refused.isEmpty()
                ? new Example(file, comment(file, "cluster"), comment(file, "laptop"))
                : new Example(file, refused, refused);
    }

    private static String comment(Path file, String name) {
        var start = "# " + name + ": ";
        return read(file)
                .lines()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()))
                .findFirst()
                .orElse("");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
