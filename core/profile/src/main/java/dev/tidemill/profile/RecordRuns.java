package dev.tidemill.profile;

import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.FloatColumns;
import dev.tidemill.profile.internal.Readers;
import dev.tidemill.profile.internal.Runs;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A source in runs of records, each with a reader of its own, so that several can be read at once.
 *
 * <pre>{@code
 * try (RecordRuns runs = RecordRuns.open(source, format, offset, length, columns)) {
 *     for (RecordReader rows = runs.next(); rows != null; rows = runs.next()) {
 *         if (runs.independent()) executor.submit(() -> work(rows)); else work(rows);
 *     }
 * }
 * }</pre>
 *
 * <p>Runs are cut and read from the source by the caller's thread, which costs little beside taking their records apart. Used by one thread.
 */
public final class RecordRuns implements AutoCloseable {

    private final Runs runs;

    private RecordRuns(Runs runs) {
        this.runs = runs;
    }

    /**
     * The records that start in a range, at whose first byte a record starts (or the source).
     *
     * @param known columns of JSON Lines that have been seen, which then come first in all runs; what a run finds beyond them stands where
     *     only this run has it. Without meaning for other formats, whose columns stand at the beginning
     * @param floats positions of columns, each once, that are wanted as rows of float32; where they can be had so ({@link RecordReader#floats}),
     *     they cannot be had as single values
     */
    public static RecordRuns open(
            ByteSource source, Format format, long offset, long length, List<String> known, int... floats)
            throws IOException {
        return new RecordRuns(Readers.runs(source, format, offset, length, known, new FloatColumns(floats)));
    }

    /** The names of the columns, of JSON Lines those that were known. */
    public List<String> columns() {
        return List.copyOf(runs.columns());
    }

    /** Whether a run can be read, by any thread, after the next one was taken; if not, it has to be read before. */
    public boolean independent() {
        return runs.independent();
    }

    /** The records of the next run, which may be none, in their order; null at the end. */
    public @Nullable RecordReader next() throws IOException {
        BatchReader run = runs.next();
        return run == null ? null : new RecordReader(run);
    }

    @Override
    public void close() throws IOException {
        runs.close();
    }
}
