package dev.tidemill.profile.internal.parquet;

import dev.tidemill.profile.FormatException;

/**
 * What the pages of a table's columns, one of each, may take: a row needs a page of every column at once, and how large they are is up to
 * the file. Safe for concurrent use.
 */
final class PageMemory {

    private static final int LARGEST_PIECE = 1 << 20;
    private static final int LEAST_PIECE = 16 << 10;

    private final String file;
    private final int columns;
    private final long most;
    private long taken;

    /**
     * @param file its name for messages
     * @param most bytes
     */
    PageMemory(String file, int columns, long most) {
        this.file = file;
        this.columns = columns;
        this.most = most;
    }

    /** Whether each column may have its next page beside the current one, where a row group has so many bytes in all. */
    boolean allowsReadAhead(long rowGroup) {
        return rowGroup <= most / 2;
    }

    /** What to read of a column at once: not much where there are many. */
    int piece() {
        return (int) Math.clamp(most / 4 / columns, LEAST_PIECE, LARGEST_PIECE);
    }

    /**
     * Counts bytes that are about to be used, or by a negative number that are not any more.
     *
     * @throws FormatException if that is too much
     */
    synchronized void take(long bytes) throws FormatException {
        taken += bytes;
        if (taken > most) {
            throw new FormatException(
                    file,
                    -1,
                    -1,
                    "a page of each of its %d columns is more than %d MiB, half of the heap; write it in smaller row groups or pages, or give this process more memory"
                            .formatted(columns, most >> 20));
        }
    }
}
