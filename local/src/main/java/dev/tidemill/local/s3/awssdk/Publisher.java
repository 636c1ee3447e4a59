package dev.tidemill.local.s3.awssdk;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.jspecify.annotations.Nullable;

/**
 * Makes files appear whole and one at a time: the bytes are written elsewhere, and then, under the lock of their key, the
 * condition is checked and the file moved into place. That lock is what lets exactly one of many conditional writers win.
 *
 * <p>Nothing is forced to the disk: what survives is what survives a killed process, not a loss of power.
 */
final class Publisher {

    private static final int ATTEMPTS = 100;

    private final Path scratch;
    private final AtomicLong names = new AtomicLong();
    private final AtomicLong lastTick = new AtomicLong();
    private final ReentrantLock[] locks = new ReentrantLock[1024];

    Publisher(Path scratch) throws IOException {
        this.scratch = scratch;
        Arrays.setAll(locks, i -> new ReentrantLock());
        requireFineTimes();
    }

    /** ETags are made of times. */
    private void requireFineTimes() throws IOException {
        Path probe = Files.createFile(scratch.resolve("times"));
        FileTime time = FileTime.from(1_234_567_891_234_567L, TimeUnit.MICROSECONDS);
        Files.setLastModifiedTime(probe, time);
        FileTime kept = Files.getLastModifiedTime(probe);
        Files.delete(probe);
        if (!kept.equals(time)) {
            throw new IOException(
                    "the file system of " + scratch + " does not keep microseconds (" + time + " became " + kept
                            + "), so that two versions of an object could look the same; use a directory on another disk");
        }
    }

    /** Writes the bytes to a file of no name yet. */
    Path write(InputStream bytes, @Nullable String contentMd5) throws IOException {
        Path file = scratch.resolve(Long.toString(names.incrementAndGet()));
        try (OutputStream out = Files.newOutputStream(file)) {
            if (contentMd5 == null) {
                bytes.transferTo(out);
                return file;
            }
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            new DigestInputStream(bytes, md5).transferTo(out);
            if (Arrays.equals(md5.digest(), Base64.getDecoder().decode(contentMd5))) {
                return file;
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(file);
            throw e;
        }
        Files.deleteIfExists(file);
        throw S3Exceptions.fromStatusCode(400); // S3Proxy's way to say BadDigest.
    }

    /** Gives a written file its name, if the condition holds. */
    StoredFile publish(Path written, Path file, String bucket, String key, Condition condition) throws IOException {
        ReentrantLock lock = lock(file);
        lock.lock();
        try {
            condition.require(StoredFile.read(file, key), bucket, key);
            Files.setLastModifiedTime(written, nextTick());
            move(written, file, key);
            StoredFile stored = StoredFile.read(file, key);
            if (stored == null) {
                throw new NoSuchFileException(file.toString(), null, "removed while it was written");
            }
            return stored;
        } finally {
            lock.unlock();
            Files.deleteIfExists(written);
        }
    }

    /** Removes a file, if the condition holds, and the directories that hold nothing else; returns whether it was there. */
    boolean remove(Path file, Path bucketDirectory, String bucket, String key, Condition condition) throws IOException {
        ReentrantLock lock = lock(file);
        lock.lock();
        try {
            StoredFile current = StoredFile.read(file, key);
            condition.require(current, bucket, key);
            if (current == null) {
                return false;
            }
            Files.deleteIfExists(file);
        } finally {
            lock.unlock();
        }
        prune(file.getParent(), bucketDirectory);
        return true;
    }

    private static void prune(@Nullable Path directory, Path stop) {
        try {
            for (Path d = directory; d != null && !d.equals(stop); d = d.getParent()) {
                Files.delete(d);
            }
        } catch (IOException e) {
            return; // The first that is not empty.
        }
    }

    private void move(Path written, Path file, String key) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                Files.createDirectories(file.getParent());
                moveAtomically(written, file);
                return;
            } catch (NoSuchFileException e) {
                // A removal has just pruned the directory that we made.
                if (attempt == ATTEMPTS || !Files.exists(written)) {
                    throw e;
                }
            } catch (FileAlreadyExistsException | NotDirectoryException | DirectoryNotEmptyException e) {
                throw conflict(key, e);
            } catch (FileSystemException e) {
                if (Files.isDirectory(file)) {
                    throw conflict(key, e);
                }
                throw e;
            }
        }
    }

    private static RuntimeException conflict(String key, IOException cause) {
        RuntimeException e = S3Exceptions.invalidRequest("In a directory \"" + key
                + "\" cannot be both an object and a folder of objects; give one of them another name.");
        e.addSuppressed(cause);
        return e;
    }

    private void moveAtomically(Path written, Path file) throws IOException {
        try {
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            // The bucket is a link to another disk.
            Path beside = file.resolveSibling(FileNames.ESCAPE + "~" + names.incrementAndGet());
            Files.copy(written, beside, StandardCopyOption.COPY_ATTRIBUTES);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** A time that no file of ours has had before: two writes of one size must not share an ETag. */
    private FileTime nextTick() {
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        long tick = lastTick.updateAndGet(last -> Math.max(last + 1, now));
        return FileTime.from(Instant.EPOCH.plus(tick, ChronoUnit.MICROS));
    }

    private ReentrantLock lock(Path file) {
        int h = file.hashCode();
        return locks[(h ^ h >>> 16) & locks.length - 1];
    }
}
