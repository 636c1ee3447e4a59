package dev.tidemill.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The few S3 operations that Tidemill is built on. Every method blocks, is safe for concurrent use, and throws a
 * {@link StoreException} whose subtype says what the caller may do about it.
 */
public interface ObjectClient extends AutoCloseable {

    /**
     * One page of a listing in key order ({@link KeyOrder}), at most 1,000 objects. A page that is out of order is refused.
     *
     * @param startAfter only keys after this one, or null for the beginning
     */
    Page list(String bucket, String prefix, @Nullable String startAfter);

    /** What is known of an object without reading it, or empty when there is none. */
    Optional<ObjectInfo> head(String bucket, String key);

    /** Opens an object or a part of it; the caller closes the body. */
    ObjectBody get(String bucket, String key, ReadOptions options);

    /**
     * An address that lets whoever has it read this one object for a while, without credentials (a presigned URL).
     *
     * @param validFor at most seven days
     */
    URI presign(String bucket, String key, Duration validFor);

    /** Opens what somebody {@linkplain #presign presigned}; the caller closes it. */
    InputStream open(URI presigned);

    /**
     * Writes a whole object, if the precondition holds at the moment of the write.
     *
     * @throws StoreException.PreconditionFailed if it does not hold. That can also be said of one's own write, when a proxy
     *     between sent it twice
     * @throws StoreException.Unavailable if the reply was lost: a conditional write is never sent again after the store may have
     *     acted on it, so that the caller can look at what is there and settle it
     */
    Written put(String bucket, String key, byte[] body, String contentType, Precondition precondition);

    /** Writes a stream of known length; never conditional. */
    Written put(String bucket, String key, InputStream body, long length, String contentType);

    /**
     * Has the store copy an object; none of its bytes come by here.
     *
     * @param etag that the object must still have
     * @throws StoreException.PreconditionFailed if it is another one by now
     */
    void copy(String bucket, String key, String etag, String toBucket, String toKey);

    /** Removes objects; a key that is not there is no error. */
    void delete(String bucket, Collection<String> keys);

    boolean bucketExists(String bucket);

    /** Creates the bucket unless it is there already. */
    void createBucket(String bucket);

    /** The store's clock, as its last {@code Date} header told, carried forward by our own monotonic clock. */
    Instant storeTime();

    @Override
    void close();

    /** A page of a listing; {@code last} when nothing follows. */
    record Page(List<ObjectInfo> objects, boolean last) {}

    /**
     * What a write made. The store tells no time of modification then; where that matters, {@link #head} does.
     *
     * @param etag without quotes
     */
    record Written(String key, String etag, long size) {}

    /**
     * What to read.
     *
     * @param offset first byte
     * @param length number of bytes, or -1 for all that follow
     * @param ifMatch the ETag that the object must still have, or null
     */
    record ReadOptions(long offset, long length, @Nullable String ifMatch) {
        public static final ReadOptions ALL = new ReadOptions(0, -1, null);
    }

    /**
     * An open object. A connection that breaks is replaced by another behind the last byte read; what cannot be mended is thrown
     * as a {@link StoreException}, so that an {@link IOException} of whoever reads a format always means its bytes.
     */
    record ObjectBody(ObjectInfo info, InputStream stream) implements AutoCloseable {
        @Override
        public void close() {
            try {
                stream.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
