package dev.tidemill.profile.internal;

import dev.tidemill.profile.internal.csv.CsvRecords;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A source cut into runs of records, each with a reader of its own. Used by one thread; the readers by any. */
public sealed interface Runs extends AutoCloseable {

    List<String> columns();

    /** Whether a run can be read after the next one was taken. */
    boolean independent();

    /** The reader of the next run, or null at the end. */
    @Nullable
    BatchReader next() throws IOException;

    @Override
    void close() throws IOException;

    /** Each run is a chunk, which its reader takes apart. */
    record OfChunks(CsvRecords records, Chunks chunks, FloatColumns floats) implements Runs {
        @Override
        public List<String> columns() {
            return records.columns();
        }

        @Override
        public boolean independent() {
            return true;
        }

        @Override
        public @Nullable BatchReader next() throws IOException {
            Chunk next = new Chunk();
            return chunks.next(next) ? records.reader(new One(next), floats) : null;
        }

        @Override
        public void close() throws IOException {
            chunks.close();
        }
    }

    /** One chunk and no more. */
    final class One implements ChunkSource {
        private @Nullable Chunk chunk;

        private One(Chunk chunk) {
            this.chunk = chunk;
        }

        @Override
        public boolean next(Chunk into) {
            Chunk given = chunk;
            if (given == null) {
                return false;
            }
            into.bytes = given.bytes;
            into.base = given.base;
            into.from = given.from;
            into.to = given.to;
            chunk = null;
            return true;
        }

        @Override
        public void close() {
            // There is nothing behind it.
        }
    }

    /**
     * Each run is a batch.
     *
     * @param independent whether its arrays stay as they are when the reader goes on
     */
    record OfBatches(BatchReader reader, boolean independent) implements Runs {
        @Override
        public List<String> columns() {
            return reader.columns();
        }

        @Override
        public @Nullable BatchReader next() throws IOException {
            Batch batch = reader.next();
            return batch == null ? null : new OneBatch(reader.columns(), batch);
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }

    /** One batch and no more. */
    final class OneBatch implements BatchReader {
        private final List<String> columns;
        private @Nullable Batch batch;

        private OneBatch(List<String> columns, Batch batch) {
            this.columns = columns;
            this.batch = batch;
        }

        @Override
        public List<String> columns() {
            return columns;
        }

        @Override
        public @Nullable Batch next() {
            Batch given = batch;
            batch = null;
            return given;
        }

        @Override
        public void close() {
            // Its arrays are another's.
        }
    }
}
