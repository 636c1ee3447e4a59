package dev.tidemill.local;

import dev.tidemill.api.FunctionSpec.Code;
import dev.tidemill.store.CodePackage;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Code that a Function brings as an object or a file: a Lambda zip is unpacked, a jar stays as it is. Both lie under the digest of
 * their bytes, so that the same code is fetched and unpacked once.
 *
 * @param folder where unpacked code is kept
 */
record FunctionCode(ObjectClient store, Path folder) {

    /**
     * The folder of a zip, or the jar.
     *
     * @throws UsageException if the object is not there, or is not the one that is meant
     */
    Path fetch(String function, Code code) {
        boolean jar = code.key().endsWith(".jar");
        Path place = folder.resolve(code.sha256() + (jar ? ".jar" : ""));
        if (Files.exists(place)) {
            return place;
        }
        Path fetched = temporary();
        try {
            CodePackage.LIKE_LAMBDA.fetch(store, code.bucket(), code.key(), code.sha256(), fetched);
            return jar ? Files.move(fetched, place, StandardCopyOption.ATOMIC_MOVE) : unpack(fetched, place);
        } catch (StoreException.NoSuchKey | StoreException.NoSuchBucket e) {
            throw new UsageException("function %s: its code s3://%s/%s is not there: %s"
                    .formatted(function, code.bucket(), code.key(), e.getMessage()));
        } catch (CodePackage.UnfitException e) {
            throw new UsageException("function %s: %s".formatted(function, e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "function %s: cannot read s3://%s/%s: %s"
                            .formatted(function, code.bucket(), code.key(), e.getMessage()),
                    e);
        } finally {
            fetched.toFile().delete();
        }
    }

    /** The folder of a zip on this machine. */
    Path unpacked(String function, Path zip) {
        Path copied = temporary();
        try (InputStream in = Files.newInputStream(zip)) {
            Path place = folder.resolve(CodePackage.LIKE_LAMBDA.save(in, copied));
            return Files.exists(place) ? place : unpack(copied, place);
        } catch (CodePackage.UnfitException e) {
            throw new UsageException("function %s: %s".formatted(function, e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException("function " + function + ": cannot read " + zip + ": " + e.getMessage(), e);
        } finally {
            copied.toFile().delete();
        }
    }

    private Path temporary() {
        try {
            return Files.createTempFile(Files.createDirectories(folder), "code", ".new");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Beside its place first, so that a crash leaves no half of it there. */
    private Path unpack(Path file, Path place) throws IOException {
        Path beside = Files.createTempDirectory(folder, "unpacking");
        try {
            CodePackage.LIKE_LAMBDA.unpack(file, beside);
            return Files.move(beside, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (Files.exists(place)) {
                return place; // Another command was faster.
            }
            throw e;
        } finally {
            remove(beside);
        }
    }

    private static void remove(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (Stream<Path> files = Files.walk(tree)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }
}
