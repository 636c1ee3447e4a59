package dev.tidemill.local;

import dev.tidemill.api.FunctionSpec.Code;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

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
        String object = "s3://" + code.bucket() + "/" + code.key();
        Path fetched = temporary();
        try (ObjectClient.ObjectBody body = store.get(code.bucket(), code.key(), ObjectClient.ReadOptions.ALL)) {
            String digest = copy(body.stream(), fetched);
            if (!digest.equals(code.sha256())) {
                throw new UsageException(
                        "function %s: %s has the SHA-256 %s, not the one in spec.code: it is not run; upload the code that is meant, or correct sha256"
                                .formatted(function, object, digest));
            }
            return jar ? keep(fetched, place) : unpack(function, fetched, place);
        } catch (StoreException.NoSuchKey | StoreException.NoSuchBucket e) {
            throw new UsageException(
                    "function %s: its code %s is not there: %s".formatted(function, object, e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "function " + function + ": cannot read " + object + ": " + e.getMessage(), e);
        } finally {
            fetched.toFile().delete();
        }
    }

    /** The folder of a zip on this machine. */
    Path unpacked(String function, Path zip) {
        Path copied = temporary();
        try (InputStream in = Files.newInputStream(zip)) {
            Path place = folder.resolve(copy(in, copied));
            return Files.exists(place) ? place : unpack(function, copied, place);
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

    private static String copy(InputStream from, Path to) throws IOException {
        try (DigestInputStream in = new DigestInputStream(from, MessageDigest.getInstance("SHA-256"))) {
            Files.copy(in, to, StandardCopyOption.REPLACE_EXISTING);
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static Path keep(Path fetched, Path place) throws IOException {
        return Files.move(fetched, place, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Beside its place first, so that a crash leaves no half of it there. */
    private Path unpack(String function, Path file, Path place) throws IOException {
        Path beside = Files.createTempDirectory(folder, "unpacking");
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                Path target = beside.resolve(entry.getName()).normalize();
                if (!target.startsWith(beside)) {
                    throw new UsageException(
                            "function %s: its zip has an entry outside of itself, \"%s\": it is not run"
                                    .formatted(function, entry.getName()));
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    try (InputStream in = zip.getInputStream(entry)) {
                        Files.copy(in, target);
                    }
                }
            }
            Path bootstrap = beside.resolve("bootstrap");
            if (Files.exists(bootstrap) && !bootstrap.toFile().setExecutable(true)) {
                throw new IOException("cannot make " + bootstrap + " executable");
            }
            return Files.move(beside, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (Files.exists(place)) {
                return place; // Another command was faster.
            }
            throw e;
        } catch (ZipException e) {
            throw new UsageException("function %s: its code is no zip file: %s".formatted(function, e.getMessage()));
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
