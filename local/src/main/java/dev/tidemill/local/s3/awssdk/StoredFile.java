package dev.tidemill.local.s3.awssdk;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An object as its file tells it. The ETag is made of time and size, so that it needs no reading of the bytes, survives a restart
 * and a copy that keeps times, and changes with every edit, ours or the user's. It has a dash in it: by that S3 clients know an ETag
 * that is no MD5.
 *
 * @param etag without quotes
 */
record StoredFile(String key, String etag, long size, Instant lastModified) {

    /** Null if there is no file of that name. */
    static @Nullable StoredFile read(Path file, String key) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                return null;
            }
            long nanos = attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
            String etag = Long.toHexString(nanos) + "-" + Long.toHexString(attributes.size());
            return new StoredFile(
                    key, etag, attributes.size(), attributes.lastModifiedTime().toInstant());
        } catch (FileSystemException e) {
            if (Files.isRegularFile(file)) {
                throw e;
            }
            return null;
        }
    }

    /** An ETag as HTTP writes it. */
    static String quoted(String etag) {
        return "\"" + etag + "\"";
    }
}
