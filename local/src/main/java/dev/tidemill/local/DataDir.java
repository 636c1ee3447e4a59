package dev.tidemill.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/**
 * Where the command keeps what it has to remember: objects, the resources as they were last applied with their status, logs.
 *
 * @param root {@code .tidemill} in the working directory, unless {@code --data-dir} says otherwise
 */
record DataDir(Path root) {

    static DataDir open(Path root) {
        try {
            Files.createDirectories(root);
            return new DataDir(root.toRealPath());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + root + " as the data directory: " + e.getMessage(), e);
        }
    }

    /** The embedded S3 endpoint's directory: a folder for each bucket. */
    Path store() {
        return root.resolve("store");
    }

    Path log(String namespace, String function) {
        return root.resolve("logs").resolve(namespace + "." + function + ".log");
    }

    Path resources() {
        return root.resolve("resources");
    }

    Path deadLetters() {
        return root.resolve("logs").resolve("dead-letters.jsonl");
    }

    /** Tells this laptop's ledgers from those of a cluster or of another laptop over the same store; made once. */
    String cluster() {
        Path file = root.resolve("cluster");
        return read(file).orElseGet(() -> {
            write(file, "local-" + UUID.randomUUID());
            return read(file).orElseThrow();
        });
    }

    static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty());
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the file as a whole or not at all: a reader, or a crash, never sees half of it. */
    static void write(Path file, String text) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path fresh = Files.createTempFile(
                    file.toAbsolutePath().getParent(), file.getFileName().toString(), ".new");
            Files.writeString(fresh, text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
