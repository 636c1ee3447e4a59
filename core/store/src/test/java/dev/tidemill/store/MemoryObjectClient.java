package dev.tidemill.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One process' client of a {@link MemoryStore}, with its faults. */
public final class MemoryObjectClient implements ObjectClient {

    private final MemoryStore store;
    private final Faults faults;
    private final AtomicInteger operations = new AtomicInteger();
    private volatile @Nullable Operation diedAt;

    MemoryObjectClient(MemoryStore store, Faults faults) {
        this.store = store;
        this.faults = faults;
    }

    /** How many operations this client has begun. */
    public int operations() {
        return operations.get();
    }

    @Override
    public Page list(String bucket, String prefix, @Nullable String startAfter) {
        return perform(Operation.Kind.LIST, bucket, prefix, lag -> store.list(bucket, prefix, startAfter, lag));
    }

    @Override
    public Optional<ObjectInfo> head(String bucket, String key) {
        return perform(
                Operation.Kind.HEAD,
                bucket,
                key,
                lag -> store.read(bucket, key, lag).map(MemoryStore.Stored::info));
    }

    @Override
    public URI presign(String bucket, String key, Duration validFor) {
        try {
            return new URI("memory", bucket, "/" + key, null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public InputStream open(URI presigned) {
        return get(presigned.getHost(), presigned.getPath().substring(1), ReadOptions.ALL).stream();
    }

    @Override
    public ObjectBody get(String bucket, String key, ReadOptions options) {
        return perform(Operation.Kind.GET, bucket, key, lag -> {
            MemoryStore.Stored object = store.read(bucket, key, lag)
                    .orElseThrow(
                            () -> new StoreException.NoSuchKey("there is no object s3://" + bucket + "/" + key, null));
            if (options.ifMatch() != null
                    && !options.ifMatch().equals(object.info().etag())) {
                throw new StoreException.PreconditionFailed("s3://" + bucket + "/" + key + " has another ETag", null);
            }
            int size = object.body().length;
            if (options.offset() > 0 && options.length() != 0 && options.offset() >= size) {
                throw new StoreException.Refused(
                        "s3://" + bucket + "/" + key + " has no byte " + options.offset(), null);
            }
            int from = (int) Math.min(options.offset(), size);
            int length = options.length() < 0 ? size - from : (int) Math.min(options.length(), size - from);
            return new ObjectBody(object.info(), new ByteArrayInputStream(object.body(), from, length));
        });
    }

    @Override
    public Written put(String bucket, String key, byte[] body, String contentType, Precondition precondition) {
        return perform(Operation.Kind.PUT, bucket, key, lag -> store.put(bucket, key, body, precondition));
    }

    @Override
    public Written put(String bucket, String key, InputStream body, long length, String contentType) {
        try {
            return put(bucket, key, body.readNBytes((int) length), contentType, Precondition.NONE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void copy(String bucket, String key, String etag, String toBucket, String toKey) {
        try (ObjectBody body = get(bucket, key, new ReadOptions(0, -1, etag))) {
            put(toBucket, toKey, body.stream(), body.info().size(), "application/octet-stream");
        }
    }

    @Override
    public void delete(String bucket, Collection<String> keys) {
        perform(
                Operation.Kind.DELETE,
                bucket,
                keys.size() == 1 ? keys.iterator().next() : "",
                lag -> {
                    store.delete(bucket, keys);
                    return "";
                });
    }

    @Override
    public boolean bucketExists(String bucket) {
        return perform(Operation.Kind.BUCKET, bucket, "", lag -> store.exists(bucket));
    }

    @Override
    public void createBucket(String bucket) {
        perform(Operation.Kind.BUCKET, bucket, "", lag -> {
            store.create(bucket);
            return "";
        });
    }

    @Override
    public Instant storeTime() {
        return store.now();
    }

    @Override
    public void close() {}

    /** Acts on the store as it was {@code lag} writes ago. */
    private interface Work<T> {
        T at(int lag);
    }

    private <T> T perform(Operation.Kind kind, String bucket, String key, Work<T> work) {
        requireAlive();
        Operation operation = new Operation(operations.incrementAndGet(), kind, bucket, key);
        Fault fault = faults.of(operation);
        requireAlive();
        return switch (fault) {
            case Fault.None none -> work.at(0);
            case Fault.Stale(int writes) -> work.at(kind.writes() ? 0 : writes);
            case Fault.FailBefore before -> throw unavailable(operation);
            case Fault.LoseReply lost -> {
                work.at(0);
                throw unavailable(operation);
            }
            case Fault.Kill(boolean afterEffect) -> {
                if (afterEffect) {
                    work.at(0);
                }
                diedAt = operation;
                throw new Killed(operation);
            }
        };
    }

    private void requireAlive() {
        Operation died = diedAt;
        if (died != null) {
            throw new Killed(died);
        }
    }

    private static StoreException unavailable(Operation operation) {
        return new StoreException.Unavailable("no answer to " + operation, null);
    }
}
