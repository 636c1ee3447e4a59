package dev.tidemill.profile.internal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What there is to read in a source that is no table. */
final class NoRows implements BatchReader {

    @Override
    public List<String> columns() {
        return List.of();
    }

    @Override
    public @Nullable Batch next() {
        return null;
    }

    @Override
    public void close() {}
}
