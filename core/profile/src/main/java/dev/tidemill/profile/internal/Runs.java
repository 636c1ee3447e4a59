package dev.tidemill.profile.internal;

import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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

    /** Each run is a chunk, which its reader takes apart. A run that is read to its end leaves its memory to a later one. */
    final class OfChunks implements Runs {
        private final Records records;
        private final Chunks chunks;
        private final FloatColumns floats;
        private final Queue<ChunkReader> free = new ConcurrentLinkedQueue<>();

        OfChunks(Records records, Chunks chunks, FloatColumns floats) {
            this.records = records;
            this.chunks = chunks;
            this.floats = floats;
        }

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
            ChunkReader known = free.poll();
            ChunkReader run = known == null ? new ChunkReader(records, floats) : known;
            return run.fill(chunks) ? new OneChunk(run, free) : null;
        }

        @Override
        public void close() throws IOException {
            chunks.close();
        }
    }

    /** Reads one chunk after the other, each when it is there. */
    final class ChunkReader implements ChunkSource {
        private final Chunk chunk = new Chunk();
        private final BatchReader batches;
        private boolean filled;

        private ChunkReader(Records records, FloatColumns floats) {
            batches = records.reader(this, floats);
        }

        private boolean fill(Chunks chunks) throws IOException {
            filled = chunks.next(chunk);
            return filled;
        }

        /** Gives the chunk for the one that was read before. */
        @Override
        public boolean next(Chunk into) {
            if (!filled) {
                return false;
            }
            byte[] read = into.bytes;
            into.bytes = chunk.bytes;
            into.base = chunk.base;
            into.from = chunk.from;
            into.to = chunk.to;
            chunk.bytes = read;
            filled = false;
            return true;
        }

        @Override
        public void close() {
            // There is nothing behind it.
        }
    }

    /** The batches of one chunk and no more. */
    final class OneChunk implements BatchReader {
        private final List<String> columns;
        private final Queue<ChunkReader> free;
        private @Nullable ChunkReader reader;

        private OneChunk(ChunkReader reader, Queue<ChunkReader> free) {
            this.columns = reader.batches.columns();
            this.reader = reader;
            this.free = free;
        }

        @Override
        public List<String> columns() {
            return columns;
        }

        @Override
        public @Nullable Batch next() throws IOException {
            ChunkReader current = reader;
            Batch batch = current == null ? null : current.batches.next();
            if (batch == null && current != null) {
                reader = null;
                free.add(current);
            }
            return batch;
        }

        @Override
        public void close() {
            // What was not read to its end is left to nobody.
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
