package dev.tidemill.dataflow;

import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.profile.ByteSource;
import dev.tidemill.store.ObjectClient;
import java.io.InputStream;

/** An object as core/profile reads it: the version that the inventory saw, and no other. */
record StoreSource(ObjectClient store, String bucket, ObjectEntry object) implements ByteSource {

    @Override
    public String name() {
        return "s3://" + bucket + "/" + object.key();
    }

    @Override
    public long size() {
        return object.size();
    }

    @Override
    public InputStream open(long offset) {
        if (offset >= object.size()) {
            return InputStream.nullInputStream();
        }
        return store.get(bucket, object.key(), new ObjectClient.ReadOptions(offset, -1, object.etag())).stream();
    }
}
