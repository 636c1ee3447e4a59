package dev.tidemill.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Where the command keeps what it has to remember: objects, the resources as they were last applied with their status, logs.
 *
 * @param root {@code .tidemill} in the working directory, unless {@code --data-dir} says otherwise
 */
record DataDir(Path root) {

    /** A file lock is the whole process's: a second thread that asks for it gets an exception and no turn. */
    private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

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
        return alone(() -> read(file).orElseGet(() -> {
            String made = "local-" + UUID.randomUUID();
            write(file, made);
            return made;
        }));
    }

    /** Does what reads and then writes, alone among all threads and all commands over this directory. */
    <T> T alone(Supplier<T> action) {
        IN_THIS_PROCESS.lock();
        try (FileChannel channel = FileChannel.open(
                        root.resolve("state.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = lock(channel)) {
            return action.get();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lock " + root + ": " + e.getMessage(), e);
        } finally {
            IN_THIS_PROCESS.unlock();
        }
    }

    /** Polls: where one waits for this lock and another for the store's, the kernel takes waiting for a deadlock and refuses it. */
    private static FileLock lock(FileChannel channel) throws IOException {
        while (true) {
            FileLock held = channel.tryLock();
            if (held != null) {
                return held;
            }
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
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
