package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Json;
import dev.tidemill.store.ObjectClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The one value of a Dataset, where it is too large for a status. */
public final class LargeResult {

    /** Bytes of what a training comes to: names and numbers. */
    private static final int MOST = 64 << 10;

    private LargeResult() {}

    /**
     * Reads it; null for one that is the state of a round, such as a network's weights.
     *
     * @param address {@code s3://bucket/key}
     * @param stateBucket the only one that is looked into
     * @throws dev.tidemill.store.StoreException when the store does not give it
     */
    public static @Nullable JsonNode read(ObjectClient store, String stateBucket, String address) {
        String prefix = "s3://" + stateBucket + "/";
        if (!address.startsWith(prefix)) {
            throw new IllegalArgumentException(address + " is not in the state bucket, " + stateBucket);
        }
        try (var body = store.get(stateBucket, address.substring(prefix.length()), ObjectClient.ReadOptions.ALL)) {
            return body.info().size() > MOST ? null : Json.mapper().readTree(body.stream());
        } catch (IOException e) {
            throw new UncheckedIOException(address + " cannot be read", e);
        }
    }
}
