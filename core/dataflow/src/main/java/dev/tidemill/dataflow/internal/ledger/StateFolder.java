package dev.tidemill.dataflow.internal.ledger;

import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectInfo;
import dev.tidemill.store.Precondition;
import dev.tidemill.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One folder of a bucket, whose objects are named relative to it. */
public record StateFolder(ObjectClient store, String bucket, String prefix) {

    /** Where a Dataset's ledger lies. */
    public static StateFolder of(ObjectClient store, String stateBucket, String namespace, String dataset) {
        return new StateFolder(store, stateBucket, namespace + "/" + dataset + "/");
    }

    /** An object and the ETag that a conditional replace needs. */
    public record Stored(byte[] bytes, String etag) {}

    public String address(String name) {
        return "s3://" + bucket + "/" + prefix + name;
    }

    public Optional<Stored> read(String name) {
        try (var body = store.get(bucket, prefix + name, ObjectClient.ReadOptions.ALL)) {
            return Optional.of(
                    new Stored(body.stream().readAllBytes(), body.info().etag()));
        } catch (StoreException.NoSuchKey e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(address(name) + ": " + e.getMessage(), e);
        }
    }

    /** Writes an object that is not there yet; false when it is. */
    public boolean create(String name, byte[] bytes, String contentType) {
        try {
            store.put(bucket, prefix + name, bytes, contentType, Precondition.ABSENT);
            return true;
        } catch (StoreException.PreconditionFailed e) {
            return false;
        }
    }

    /** Replaces the object that has this ETag (or creates it, for null). Its new ETag, or null when another writer was faster. */
    public @Nullable String replace(String name, byte[] bytes, @Nullable String etag) {
        try {
            return store.put(
                            bucket,
                            prefix + name,
                            bytes,
                            "application/json",
                            etag == null ? Precondition.ABSENT : new Precondition.Match(etag))
                    .etag();
        } catch (StoreException.PreconditionFailed | StoreException.NoSuchKey e) {
            return null;
        }
    }

    /** Writes whatever was there before. */
    public void write(String name, byte[] bytes, String contentType) {
        store.put(bucket, prefix + name, bytes, contentType, Precondition.NONE);
    }

    public void delete(Collection<String> names) {
        List<String> keys = names.stream().map(name -> prefix + name).toList();
        for (int from = 0; from < keys.size(); from += 1000) {
            store.delete(bucket, keys.subList(from, Math.min(keys.size(), from + 1000)));
        }
    }

    /** All objects whose relative name starts with {@code start}, their keys made relative. */
    public Iterable<ObjectInfo> list(String start) {
        return () -> new Listing(start);
    }

    private final class Listing implements Iterator<ObjectInfo> {
        private final String start;
        private Iterator<ObjectInfo> page = List.<ObjectInfo>of().iterator();
        private @Nullable String after;
        private boolean last;

        Listing(String start) {
            this.start = start;
        }

        @Override
        public boolean hasNext() {
            while (!page.hasNext() && !last) {
                ObjectClient.Page next = store.list(bucket, prefix + start, after);
                last = next.last();
                page = next.objects().iterator();
                if (!next.objects().isEmpty()) {
                    after = next.objects().getLast().key();
                }
            }
            return page.hasNext();
        }

        @Override
        public ObjectInfo next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            ObjectInfo found = page.next();
            return new ObjectInfo(
                    found.key().substring(prefix.length()), found.etag(), found.size(), found.lastModified());
        }
    }
}
