package dev.tidemill.profile.internal;

import java.io.IOException;
import java.util.List;
import java.util.SortedSet;

/** A source whose format is a run of records, so that it can be read from any record on. */
public interface Records {

    /** The columns as far as the head of the source names them. */
    List<String> columns();

    /** Where the first record that holds data starts. */
    long dataStart();

    /**
     * All positions in {@code [from, to)} that may be the first record start there, when what lies before is not known.
     *
     * @param from beyond {@link #dataStart}
     */
    SortedSet<Long> starts(long from, long to) throws IOException;

    /** Cuts the records that start in {@code [from, to)} into chunks; a record must start at {@code from}. */
    Chunks chunks(long from, long to) throws IOException;

    /** A reader of whatever chunks it gets; several readers may share them. */
    default BatchReader reader(ChunkSource chunks) {
        return reader(chunks, FloatColumns.NONE);
    }

    /** A reader that gives some of {@link #columns} as rows of floats where all their values are plain numbers. */
    BatchReader reader(ChunkSource chunks, FloatColumns floats);
}
