package dev.tidemill.operator.dataset;

import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Which buckets the stores have. Each is asked for once in a while, and not for each of the ten thousand Datasets that lie in it. */
final class Buckets {

    /** The reason that the materializer gives too. */
    static final String MISSING = "NoSuchBucket";

    /** One that is there goes seldom, and then the materializer misses it. */
    private static final Duration THERE = Duration.ofMinutes(5);

    /** When it is worth asking again for one that is not there. */
    static final Duration NOT_THERE = Duration.ofSeconds(5);

    private final Map<Key, Look> looks = new ConcurrentHashMap<>();
    private final Clock clock;

    private record Key(String store, String bucket) {}

    private record Look(boolean missing, Instant until) {}

    Buckets(Clock clock) {
        this.clock = clock;
    }

    /**
     * Whether the store says that it does not have it; a store that gives no answer says nothing.
     *
     * @param missed whether somebody found it missing since
     */
    boolean lacks(OpenStore store, String bucket, boolean missed) {
        var now = Instant.now(clock);
        return looks.compute(
                        new Key(store.name(), bucket),
                        (_, before) -> before != null && before.until.isAfter(now) && (before.missing || !missed)
                                ? before
                                : look(store, bucket, now))
                .missing;
    }

    private static Look look(OpenStore store, String bucket, Instant now) {
        try {
            var missing = !store.client().bucketExists(bucket);
            return new Look(missing, now.plus(missing ? NOT_THERE : THERE));
        } catch (StoreException e) {
            return new Look(false, now.plus(NOT_THERE));
        }
    }
}
