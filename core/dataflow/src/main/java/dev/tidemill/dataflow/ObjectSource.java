package dev.tidemill.dataflow;

import dev.tidemill.api.ObjectRange;
import dev.tidemill.profile.ByteSource;
import dev.tidemill.store.ObjectClient;
import java.io.InputStream;

/**
 * An object of a store as bytes to read: always the version that was meant. When it has changed meanwhile, opening it throws
 * {@link dev.tidemill.store.StoreException.PreconditionFailed}.
 */
public record ObjectSource(ObjectClient store, String bucket, String key, String etag, long size)
        implements ByteSource {

    public static ObjectSource of(ObjectClient store, String bucket, ObjectRange object) {
        return new ObjectSource(store, bucket, object.key(), object.etag(), object.size());
    }

    @Override
    public String name() {
        return "s3://" + bucket + "/" + key;
    }

    @Override
    public InputStream open(long offset) {
        return offset >= size
                ? InputStream.nullInputStream()
                : store.get(bucket, key, new ObjectClient.ReadOptions(offset, -1, etag)).stream();
    }
}
