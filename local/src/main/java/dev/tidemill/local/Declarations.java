package dev.tidemill.local;

import java.nio.file.Path;

/** In which file each function was declared when it was last run: what it names to be started lies relative to that. */
record Declarations(DataDir data) {

    void note(String namespace, String function, Path file) {
        DataDir.write(at(namespace, function), file.toAbsolutePath().toString());
    }

    /** @throws UsageException if the function was never run */
    Path file(String namespace, String function) {
        return DataDir.read(at(namespace, function))
                .map(Path::of)
                .orElseThrow(
                        () -> new UsageException("function/" + function + " was never run with this data directory"));
    }

    private Path at(String namespace, String function) {
        return data.resources().resolve(namespace).resolve("function").resolve(function + ".file");
    }
}
