package dev.tidemill.store;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * A function's code as AWS Lambda takes it, a zip or a jar: fetched, known by its digest, unpacked. It is somebody else's file, so that
 * nothing of it lands outside of its folder, however it names its entries, and it cannot fill the disk.
 */
public final class CodePackage {

    /** Twice what Lambda allows a function unpacked. */
    public static final CodePackage LIKE_LAMBDA = new CodePackage(500L << 20, 100_000);

    private static final int EXECUTABLE = 0100;

    private final long mostBytes;
    private final int mostEntries;

    /**
     * With limits of one's own.
     *
     * @param mostBytes of the object, and of all files in it together
     */
    CodePackage(long mostBytes, int mostEntries) {
        this.mostBytes = mostBytes;
        this.mostEntries = mostEntries;
    }

    /** It is not run; the message says what is wrong with it. */
    public static final class UnfitException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnfitException(String message) {
            super(message);
        }
    }

    /**
     * Fetches the object into a file.
     *
     * @param sha256 of the bytes that are meant, in hexadecimal
     * @throws StoreException if it cannot be had
     * @throws UnfitException if it is another one
     */
    public void fetch(ObjectClient store, String bucket, String key, String sha256, Path into) throws IOException {
        try (var body = store.get(bucket, key, ObjectClient.ReadOptions.ALL)) {
            var digest = save(body.stream(), into);
            if (!digest.equals(sha256)) {
                throw new UnfitException(
                        "s3://%s/%s has the SHA-256 %s, not the one in spec.code: it is not run; upload the code that is meant, or correct sha256"
                                .formatted(bucket, key, digest));
            }
        }
    }

    /** Writes the bytes to the file and returns their SHA-256, in hexadecimal. */
    public String save(InputStream from, Path into) throws IOException {
        try (var in = new DigestInputStream(from, MessageDigest.getInstance("SHA-256"));
                var out = Files.newOutputStream(into)) {
            copy(in, out, mostBytes);
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * Unpacks a zip into a folder that is there and empty; what may be executed remains so, and {@code bootstrap} always may.
     *
     * @throws UnfitException if it is none, or has an entry that does not belong into a folder of its own
     */
    public void unpack(Path zip, Path into) throws IOException {
        // Links come last, so that no file is ever written through one.
        var links = new LinkedHashMap<Path, String>();
        var left = mostBytes;
        var entries = 0;
        try (var file = ZipFile.builder().setPath(zip).get()) {
            for (var entry : Collections.list(file.getEntriesInPhysicalOrder())) {
                if (++entries > mostEntries) {
                    throw new UnfitException("its zip has more than %d entries".formatted(mostEntries));
                }
                var target = place(into, entry);
                if (entry.isUnixSymlink()) {
                    links.put(target, file.getUnixSymlink(entry));
                } else if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    left -= write(file, entry, target, left);
                }
            }
        } catch (ZipException e) {
            throw new UnfitException("its code is no zip file: " + e.getMessage());
        } catch (FileAlreadyExistsException e) {
            throw new UnfitException("its zip has two entries for " + into.relativize(Path.of(e.getFile())));
        }
        for (var link : links.entrySet()) {
            link(into, link);
        }
        makeExecutable(into.resolve("bootstrap"));
    }

    private static Path place(Path folder, ZipArchiveEntry entry) {
        try {
            var place = folder.resolve(entry.getName()).normalize();
            if (place.startsWith(folder) && (!place.equals(folder) || entry.isDirectory())) {
                return place;
            }
        } catch (InvalidPathException e) {
            throw new UnfitException("its zip has an entry with a name that is none, \"%s\"".formatted(e.getInput()));
        }
        throw new UnfitException(
                "its zip has an entry outside of itself, \"%s\": it is not run".formatted(entry.getName()));
    }

    private long write(ZipFile zip, ZipArchiveEntry entry, Path target, long left) throws IOException {
        Files.createDirectories(target.getParent());
        long written;
        try (var in = zip.getInputStream(entry);
                var out = new BufferedOutputStream(Files.newOutputStream(target, StandardOpenOption.CREATE_NEW))) {
            written = copy(in, out, left);
        }
        if ((entry.getUnixMode() & EXECUTABLE) != 0) {
            makeExecutable(target);
        }
        return written;
    }

    /** What an entry says of its own size is not believed. */
    private long copy(InputStream from, OutputStream to, long left) throws IOException {
        var buffer = new byte[64 << 10];
        var copied = 0L;
        for (var n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            copied += n;
            if (copied > left) {
                throw new UnfitException("its code takes more than %d MiB".formatted(mostBytes >> 20));
            }
            to.write(buffer, 0, n);
        }
        return copied;
    }

    private static void link(Path folder, Map.Entry<Path, String> link) throws IOException {
        var name = folder.relativize(link.getKey());
        try {
            Files.createDirectories(link.getKey().getParent());
            Files.createSymbolicLink(link.getKey(), Path.of(link.getValue()));
            if (!link.getValue().startsWith("/") && link.getKey().toRealPath().startsWith(folder.toRealPath())) {
                return;
            }
        } catch (FileSystemException | InvalidPathException e) {
            throw new UnfitException("its zip has a link that leads nowhere, \"%s\"".formatted(name));
        }
        throw new UnfitException("its zip has a link that leads out of it, \"%s\": it is not run".formatted(name));
    }

    private static void makeExecutable(Path file) throws IOException {
        if (Files.exists(file) && !file.toFile().setExecutable(true, false)) {
            throw new IOException("cannot make " + file + " executable");
        }
    }
}
