package dev.tidemill.functions.model.event;

import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.profile.RecordReader.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Sends rows to the model and writes them with their predictions, in order: while some are computed, others are read and those that
 * are through are encoded. Used by one thread.
 */
final class PredictionWriter {

    /** A thread for each run of rows: few are under way, and what they share is the processors. */
    static final Executor THREADS = task -> Thread.ofVirtual().name("scoring").start(task);

    /**
     * Rows for one inference.
     *
     * @param kept for each row the values that go before its predictions
     */
    record Rows(List<@Nullable Value[]> kept, List<Tensor> inputs) {}

    private record Encoded(Rows rows, List<Tensor> predictions, byte[] bytes) {}

    /** @param first whether the object's first rows are among these */
    private record Run(boolean first, CompletableFuture<List<Encoded>> encoded) {}

    private final ServedModel model;
    private final Encoding encoding;
    private final OutputStream out;
    private final Buffers buffers;
    private final int ahead;
    private final ArrayDeque<Run> runs = new ArrayDeque<>();
    private List<Tensor> some = List.of();
    private long rows;
    private long rowsOfObject;

    /**
     * @param buffers get the memory of the inputs when these are through
     * @param ahead runs that may be under way
     */
    PredictionWriter(ServedModel model, Encoding encoding, OutputStream out, Buffers buffers, int ahead) {
        this.model = model;
        this.encoding = encoding;
        this.out = out;
        this.buffers = buffers;
        this.ahead = ahead;
    }

    /** Waits and writes until another run may be begun. */
    void makeRoom() throws IOException {
        while (runs.size() >= ahead) {
            write();
        }
    }

    /**
     * Takes a run of rows, which may be read yet.
     *
     * @param first whether a new object begins
     */
    void add(boolean first, CompletableFuture<List<Rows>> read) {
        runs.add(new Run(first, read.thenCompose(this::score)));
    }

    private CompletableFuture<List<Encoded>> score(List<Rows> run) {
        List<CompletableFuture<Encoded>> encoded = run.stream()
                .map(rows -> model.infer(rows.inputs())
                        .thenApplyAsync(
                                predictions -> {
                                    try (predictions) {
                                        return new Encoded(rows, predictions, encoding.rows(rows.kept(), predictions));
                                    }
                                },
                                THREADS))
                .toList();
        return CompletableFuture.allOf(encoded.toArray(CompletableFuture[]::new))
                .thenApply(_ -> encoded.stream().map(CompletableFuture::join).toList());
    }

    private void write() throws IOException {
        Run run = runs.remove();
        if (run.first()) {
            rowsOfObject = 0;
        }
        for (Encoded encoded : join(run)) {
            out.write(encoded.bytes());
            encoded.rows().inputs().forEach(input -> buffers.give(input.data()));
            some = encoded.predictions();
            rows += encoded.rows().kept().size();
            rowsOfObject += encoded.rows().kept().size();
        }
    }

    private List<Encoded> join(Run run) throws IOException {
        try {
            return run.encoded().join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case BadRowException bad -> throw bad.after(rowsOfObject);
                case TensorException unfit -> throw unfit;
                case UncheckedIOException unread -> throw unread.getCause();
                case MoreColumnsException more -> throw more;
                case null, default -> throw e;
            }
        }
    }

    /** Writes what is left, and says what belongs before it all. */
    byte[] finish() throws IOException {
        while (!runs.isEmpty()) {
            write();
        }
        return encoding.head(rows, some);
    }
}
