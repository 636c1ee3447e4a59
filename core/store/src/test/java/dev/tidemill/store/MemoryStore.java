package dev.tidemill.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory with a clock that stands still unless it is moved. Several clients, each with faults of its own, stand for
 * several processes. Like S3 it gives equal bytes equal ETags.
 */
public final class MemoryStore {

    private final TreeMap<String, TreeMap<String, List<Version>>> buckets = new TreeMap<>();
    private final int pageSize;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private long writes;

    /** What a key held from a write on; {@code object} is null where it was deleted. */
    private record Version(long since, @Nullable Stored object) {}

    record Stored(ObjectInfo info, byte[] body) {}

    public MemoryStore() {
        this(1000);
    }

    /** @param pageSize objects on a page of a listing; few, to meet the edges of pages */
    public MemoryStore(int pageSize) {
        this.pageSize = pageSize;
    }

    /** A client without faults. */
    public MemoryObjectClient client() {
        return client(Faults.NONE);
    }

    public MemoryObjectClient client(Faults faults) {
        return new MemoryObjectClient(this, faults);
    }

    public synchronized void advance(Duration time) {
        now = now.plus(time);
    }

    public synchronized Instant now() {
        return now;
    }

    /** All objects of a bucket by key, in key order. */
    public synchronized SortedMap<String, byte[]> contents(String bucket) {
        SortedMap<String, byte[]> contents = new TreeMap<>(KeyOrder.UTF8);
        buckets.getOrDefault(bucket, new TreeMap<>()).forEach((key, versions) -> {
            Stored object = at(versions, 0);
            if (object != null) {
                contents.put(key, object.body());
            }
        });
        return contents;
    }

    synchronized boolean exists(String bucket) {
        return buckets.containsKey(bucket);
    }

    synchronized void create(String bucket) {
        buckets.computeIfAbsent(bucket, b -> new TreeMap<>(KeyOrder.UTF8));
    }

    synchronized ObjectClient.Page list(String bucket, String prefix, @Nullable String startAfter, int lag) {
        List<ObjectInfo> page = new ArrayList<>();
        boolean inside = startAfter == null || KeyOrder.UTF8.compare(startAfter, prefix) < 0;
        String from = inside ? prefix : startAfter;
        for (Map.Entry<String, List<Version>> e :
                bucket(bucket).tailMap(from, inside).entrySet()) {
            if (!e.getKey().startsWith(prefix)) {
                break;
            }
            Stored object = at(e.getValue(), lag);
            if (object != null) {
                if (page.size() == pageSize) {
                    return new ObjectClient.Page(List.copyOf(page), false);
                }
                page.add(object.info());
            }
        }
        return new ObjectClient.Page(List.copyOf(page), true);
    }

    synchronized Optional<Stored> read(String bucket, String key, int lag) {
        return Optional.ofNullable(at(bucket(bucket).getOrDefault(key, List.of()), lag));
    }

    synchronized ObjectClient.Written put(String bucket, String key, byte[] body, Precondition precondition) {
        TreeMap<String, List<Version>> keys = bucket(bucket);
        List<Version> versions = keys.computeIfAbsent(key, k -> new ArrayList<>(2));
        Stored before = at(versions, 0);
        boolean holds = switch (precondition) {
            case Precondition.None none -> true;
            case Precondition.Absent absent -> before == null;
            case Precondition.Match(String etag) ->
                before != null && before.info().etag().equals(etag);
        };
        if (!holds) {
            throw new StoreException.PreconditionFailed(
                    "s3://" + bucket + "/" + key + ": " + precondition + " does not hold", null);
        }
        String etag = etag(body);
        Stored stored = new Stored(new ObjectInfo(key, etag, body.length, now), body.clone());
        versions.add(new Version(++writes, stored));
        return new ObjectClient.Written(key, etag, body.length);
    }

    synchronized void delete(String bucket, Iterable<String> keys) {
        TreeMap<String, List<Version>> objects = bucket(bucket);
        for (String key : keys) {
            List<Version> versions = objects.get(key);
            if (versions != null && at(versions, 0) != null) {
                versions.add(new Version(++writes, null));
            }
        }
    }

    private TreeMap<String, List<Version>> bucket(String bucket) {
        TreeMap<String, List<Version>> keys = buckets.get(bucket);
        if (keys == null) {
            throw new StoreException.NoSuchBucket("bucket \"" + bucket + "\" does not exist: create it", null);
        }
        return keys;
    }

    private @Nullable Stored at(List<Version> versions, int lag) {
        for (int i = versions.size() - 1; i >= 0; i--) {
            if (versions.get(i).since() <= writes - lag) {
                return versions.get(i).object();
            }
        }
        return null;
    }

    private static String etag(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
