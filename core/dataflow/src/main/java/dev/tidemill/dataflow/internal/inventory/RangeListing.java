package dev.tidemill.dataflow.internal.inventory;

import dev.tidemill.store.KeyOrder;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one key range, page by page. A page whose keys do not go up, or that makes no progress, ends the inventory: a
 * difference computed from it could remove what is there.
 */
final class RangeListing implements Pages {

    private final ObjectClient store;
    private final String bucket;
    private final String prefix;
    private final @Nullable String until;
    private @Nullable String after;
    private boolean finished;

    /**
     * @param after only keys behind this one, or null for the beginning
     * @param until this key is the last, or null for no end
     */
    RangeListing(ObjectClient store, String bucket, String prefix, @Nullable String after, @Nullable String until) {
        this.store = store;
        this.bucket = bucket;
        this.prefix = prefix;
        this.after = after;
        this.until = until;
    }

    @Override
    public @Nullable List<ObjectInfo> next() {
        if (finished) {
            return null;
        }
        ObjectClient.Page page = store.list(bucket, prefix, after);
        List<ObjectInfo> objects = page.objects();
        check(objects);
        if (objects.isEmpty() && !page.last()) {
            throw new ListingException(
                    "ListingFailed",
                    "the store answered an empty page of s3://" + bucket + "/" + prefix + " behind " + after
                            + " and says that more follows; the listing is taken afresh later");
        }
        finished = page.last();
        if (!objects.isEmpty()) {
            after = objects.getLast().key();
            if (until != null && KeyOrder.UTF8.compare(after, until) >= 0) {
                finished = true;
                int end = objects.size();
                while (end > 0 && KeyOrder.UTF8.compare(objects.get(end - 1).key(), until) > 0) {
                    end--;
                }
                return objects.subList(0, end);
            }
        }
        return objects;
    }

    private void check(List<ObjectInfo> objects) {
        String before = after;
        for (ObjectInfo object : objects) {
            String key = object.key();
            if (!key.startsWith(prefix) || (before != null && KeyOrder.UTF8.compare(before, key) >= 0)) {
                throw new ListingException(
                        "ListingFailed",
                        "the store listed " + key + " behind " + before + " under s3://" + bucket + "/" + prefix
                                + ", which is not the order of unsigned UTF-8 bytes that S3 promises; nothing was changed");
            }
            before = key;
        }
    }
}
