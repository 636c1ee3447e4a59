package dev.tidemill.dataflow.internal.inventory;

import dev.tidemill.store.ObjectInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Objects in key order, a page at a time. */
interface Pages extends AutoCloseable {

    /** The next page, which may be empty, or null at the end. */
    @Nullable
    List<ObjectInfo> next();

    @Override
    default void close() {}
}
