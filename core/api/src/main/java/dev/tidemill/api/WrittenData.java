package dev.tidemill.api;

import java.util.List;

/**
 * The data of {@link EventTypes#WRITTEN}: the objects that a function wrote for one shard, all under the name that it was given. Each is
 * verified before it counts.
 */
public record WrittenData(List<Written> objects) {

    public WrittenData {
        objects = Defaults.list(objects);
    }

    /** One object as the store answered its write. */
    public record Written(String key, String etag, long size) {}
}
