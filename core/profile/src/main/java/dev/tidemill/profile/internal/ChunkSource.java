package dev.tidemill.profile.internal;

import java.io.IOException;

/** Hands out chunks of whole records. */
public interface ChunkSource extends AutoCloseable {

    /** Fills the chunk with the next records; false at the end. */
    boolean next(Chunk chunk) throws IOException;

    @Override
    void close() throws IOException;
}
