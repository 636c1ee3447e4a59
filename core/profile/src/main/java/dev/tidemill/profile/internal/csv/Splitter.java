package dev.tidemill.profile.internal.csv;

import dev.tidemill.profile.internal.Chunk;
import java.io.IOException;

/** Splits the records of a chunk into fields. */
interface Splitter {

    /** Fills the rows from {@code chunk.from} on, which goes behind the last record taken. Returns how many rows there are. */
    int split(Chunk chunk, Rows rows) throws IOException;
}
