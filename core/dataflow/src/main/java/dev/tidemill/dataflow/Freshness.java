package dev.tidemill.dataflow;

import dev.tidemill.dataflow.internal.ledger.ObjectEntry;
import dev.tidemill.dataflow.internal.shards.Piece;
import dev.tidemill.dataflow.internal.shards.Shard;
import dev.tidemill.store.KeyOrder;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compares a shard's objects with the store, after the function has read them and before its result may count. */
final class Freshness {

    /** Up to so many objects a HEAD each is cheaper than a page of a listing. */
    private static final int FEW = 8;

    private final ObjectClient store;
    private final String bucket;

    Freshness(ObjectClient store, String bucket) {
        this.store = store;
        this.bucket = bucket;
    }

    /** Whether all objects are what the shard says. */
    boolean holds(Shard shard) {
        List<ObjectEntry> objects = objects(shard);
        Map<String, ObjectInfo> listed = objects.size() <= FEW ? Map.of() : range(objects);
        for (ObjectEntry object : objects) {
            ObjectInfo now = listed.get(object.key());
            if (now == null) {
                now = store.head(bucket, object.key()).orElse(null);
            }
            if (now == null || !object.stillIs(now)) {
                return false;
            }
        }
        return true;
    }

    /** The shard's objects as the store lists them now; those that are gone are left out. */
    List<ObjectEntry> now(Shard shard) {
        List<ObjectEntry> found = new ArrayList<>();
        for (ObjectEntry object : objects(shard)) {
            ObjectEntry entry = listed(object);
            if (entry != null) {
                found.add(entry);
            }
        }
        return found;
    }

    /** A listing tells milliseconds where HEAD tells seconds, and the next inventory is a listing. */
    private @Nullable ObjectEntry listed(ObjectEntry object) {
        Optional<ObjectInfo> info = store.head(bucket, object.key());
        if (info.isEmpty()) {
            return null;
        }
        if (object.stillIs(info.get())) {
            return object;
        }
        for (ObjectInfo candidate : store.list(bucket, object.key(), null).objects()) {
            if (candidate.key().equals(object.key())) {
                return object.modified() == 0
                        ? new ObjectEntry(candidate.key(), candidate.etag(), candidate.size(), 0)
                        : ObjectEntry.of(candidate);
            }
        }
        return null;
    }

    /** One listing from the first to the last object, given up when others lie between. */
    private Map<String, ObjectInfo> range(List<ObjectEntry> objects) {
        Map<String, ObjectInfo> found = new HashMap<>();
        String last = objects.getLast().key();
        String after = objects.getFirst().key();
        String prefix = commonPrefix(after, last);
        int pages = 2 + objects.size() / 500;
        for (int page = 0; page < pages; page++) {
            ObjectClient.Page listed = store.list(bucket, prefix, after);
            for (ObjectInfo info : listed.objects()) {
                found.put(info.key(), info);
            }
            if (listed.last() || listed.objects().isEmpty()) {
                break;
            }
            after = listed.objects().getLast().key();
            if (KeyOrder.UTF8.compare(after, last) >= 0) {
                break;
            }
        }
        return found;
    }

    private static String commonPrefix(String a, String b) {
        int n = 0;
        while (n < a.length() && n < b.length() && a.charAt(n) == b.charAt(n)) {
            n++;
        }
        // Half a surrogate pair is no prefix of any key.
        return a.substring(0, n > 0 && Character.isHighSurrogate(a.charAt(n - 1)) ? n - 1 : n);
    }

    private static List<ObjectEntry> objects(Shard shard) {
        List<ObjectEntry> objects = new ArrayList<>();
        for (Piece piece : shard.pieces()) {
            if (objects.isEmpty() || !objects.getLast().equals(piece.object())) {
                objects.add(piece.object());
            }
        }
        return objects;
    }
}
