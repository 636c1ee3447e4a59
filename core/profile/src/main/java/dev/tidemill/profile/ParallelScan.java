package dev.tidemill.profile;

import dev.tidemill.profile.internal.BatchReader;
import dev.tidemill.profile.internal.Chunks;
import dev.tidemill.profile.internal.Records;
import dev.tidemill.profile.internal.Turns;
import dev.tidemill.profile.internal.column.TableSummary;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Sums up one source by several threads, each with a table of its own. */
final class ParallelScan {
    private ParallelScan() {}

    static TableSummary scan(Records records, int threads) throws IOException {
        TableSummary table = new TableSummary();
        try (Chunks chunks = records.chunks(records.dataStart(), Long.MAX_VALUE);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            Turns turns = new Turns(chunks, threads);
            List<Future<TableSummary>> parts = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                parts.add(pool.submit(() -> {
                    TableSummary part = new TableSummary();
                    try (BatchReader reader = records.reader(turns.of(thread))) {
                        part.addAll(reader);
                    }
                    return part;
                }));
            }
            FormatException first = null;
            for (Future<TableSummary> part : parts) {
                try {
                    table.merge(part.get());
                } catch (ExecutionException e) {
                    first = earlier(first, e.getCause());
                } catch (InterruptedException e) {
                    pool.shutdownNow();
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted while profiling");
                }
            }
            if (first != null) {
                throw first;
            }
        }
        return table;
    }

    /** All records before one that fails have been taken, so that the first error is among those of the threads. */
    private static FormatException earlier(@Nullable FormatException first, @Nullable Throwable error)
            throws IOException {
        return switch (error) {
            case FormatException format -> first == null || format.byteOffset() < first.byteOffset() ? format : first;
            case IOException io -> throw io;
            case RuntimeException unchecked -> throw unchecked;
            case null, default -> throw new IllegalStateException(error);
        };
    }
}
