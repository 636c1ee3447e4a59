package dev.tidemill.profile.internal;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one source, or a part of it, as batches of columns. Used by one thread. */
public interface BatchReader extends AutoCloseable {

    /** The names of the columns; a reader that finds new ones on its way appends them before it returns the batch. */
    List<String> columns();

    /** The next rows, valid until the next call, or null at the end. */
    @Nullable
    Batch next() throws IOException;

    @Override
    void close() throws IOException;
}
