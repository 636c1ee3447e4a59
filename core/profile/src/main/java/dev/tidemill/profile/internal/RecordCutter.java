package dev.tidemill.profile.internal;

import java.io.IOException;

/** Finds where records end. */
public interface RecordCutter {

    /**
     * The last position in {@code chunk[from..to]} behind a whole record, given that one starts at {@code from}; or {@code from} when not
     * even one is whole.
     *
     * @param last whether nothing comes behind {@code to}
     */
    int lastEnd(Chunk chunk, int from, int to, boolean last) throws IOException;

    /** The first position from {@code at} on where a record starts, given that one starts at {@code from}; or -1 for not known yet. */
    int firstStart(Chunk chunk, int from, int to, int at, boolean last) throws IOException;
}
