package dev.tidemill.functions.model.event;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.OutputTarget;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.ShardData;
import dev.tidemill.dataflow.Formats;
import dev.tidemill.dataflow.ObjectSource;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.RecordReader;
import dev.tidemill.profile.RecordWriter;
import dev.tidemill.store.ObjectClient;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a shard's objects through the model: the columns that no input takes are kept, then come the predictions, row by row in
 * the order of the objects. For one shard.
 */
final class Scoring {

    /** Rows in one inference where the Model asks for small batches: enough that the call itself does not count. */
    private static final int ROWS = 256;

    /** Inferences in flight: one computes while the next ones are being read. */
    private static final int AHEAD = 4;

    /** Rows that were sent to the model, and what is kept of them. */
    private record Chunk(List<RecordReader.@Nullable Value[]> kept, CompletableFuture<List<Tensor>> reply) {}

    /** An object, and its columns in its own order. */
    private record Table(ObjectSource source, ObjectRange range, List<String> columns) {}

    private final ServedModel model;
    private final ObjectClient store;
    private final OutputStream out;
    private final List<ModelSpec.Tensor> inputs;
    private final int rowsAtOnce;
    private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();

    private List<String> keptNames = List.of();
    private boolean csv;
    private @Nullable RecordWriter writer;

    /** @throws TensorException if the model takes no rows */
    Scoring(ServedModel model, ObjectClient store, OutputStream out) {
        if (!ServedModel.hasRows(model.spec())) {
            throw new TensorException(
                    "model %s takes no rows: the first dimension of each input and output has to be -1"
                            .formatted(model.name()));
        }
        this.model = model;
        this.store = store;
        this.out = out;
        this.inputs = model.spec().inputs();
        this.rowsAtOnce =
                Math.max(ROWS, Objects.requireNonNull(model.spec().batch().maxSize()));
    }

    /** @throws TensorException if the output is to be of another format than CSV and JSON Lines */
    static boolean isCsv(@Nullable OutputTarget output) {
        return switch (output == null ? null : output.format()) {
            case null -> false;
            case Csv -> true;
            case Auto, JsonLines -> false;
            case Parquet, Npy, Image, Raw ->
                throw new TensorException("predictions are written as Csv and JsonLines: correct output.format");
        };
    }

    /**
     * Writes the predictions and closes the stream.
     *
     * @throws dev.tidemill.profile.FormatException if an object is not what its format says
     * @throws BadRowException if a row does not fit the model
     */
    void score(ShardData shard) throws IOException {
        S3Prefix binding = binding(shard);
        Format format = Formats.of(Objects.requireNonNullElse(binding.format(), DataFormat.AUTO));
        csv = isCsv(shard.output());
        List<Table> tables = new ArrayList<>();
        for (ObjectRange range : Objects.requireNonNull(binding.objects())) {
            tables.add(table(ObjectSource.of(store, binding.bucket(), range), range, format));
        }
        keptNames = kept(tables);
        for (Table table : tables) {
            score(table, format);
        }
        while (!chunks.isEmpty()) {
            write(chunks.remove());
        }
        if (writer == null) {
            out.close();
        } else {
            writer.close();
        }
    }

    /** The one with objects. */
    static S3Prefix binding(ShardData shard) {
        return shard.functionData().values().stream()
                .filter(candidate -> candidate.objects() != null)
                .findFirst()
                .orElseThrow(() -> new TensorException("no binding of function_data has objects to work on"));
    }

    /** JSON Lines may bring a new column with any record, and all have to be known before the first is written. */
    private static Table table(ObjectSource source, ObjectRange range, Format format) throws IOException {
        try (RecordReader rows = RecordReader.open(source, format, range.offset(), range.length())) {
            if (rows.columns().isEmpty()) {
                while (rows.next()) {
                    // Only the columns are wanted.
                }
            }
            return new Table(source, range, List.copyOf(rows.columns()));
        }
    }

    private List<String> kept(List<Table> tables) {
        Set<String> names = new LinkedHashSet<>();
        for (Table table : tables) {
            if (!table.columns().isEmpty()) {
                List<Columns> taken = columns(table);
                for (int i = 0; i < table.columns().size(); i++) {
                    int column = i;
                    if (taken.stream().noneMatch(columns -> columns.takes(column))) {
                        names.add(table.columns().get(column));
                    }
                }
            }
        }
        return List.copyOf(names);
    }

    private List<Columns> columns(Table table) {
        return inputs.stream()
                .map(input -> Columns.of(
                        input, table.columns(), rowsAtOnce, table.range().key()))
                .toList();
    }

    private void score(Table table, Format format) throws IOException {
        if (table.columns().isEmpty()) {
            return;
        }
        List<Columns> columns = columns(table);
        int[] keptAt = keptNames.stream().mapToInt(table.columns()::indexOf).toArray();
        ObjectRange range = table.range();
        try (RecordReader rows = RecordReader.open(table.source(), format, range.offset(), range.length())) {
            List<RecordReader.@Nullable Value[]> kept = new ArrayList<>(rowsAtOnce);
            for (long record = 1; rows.next(); record++) {
                try {
                    columns.forEach(input -> input.add(rows));
                } catch (TensorException e) {
                    throw new BadRowException(range.key(), record, range.whole(), String.valueOf(e.getMessage()));
                }
                kept.add(values(rows, keptAt));
                if (kept.size() == rowsAtOnce) {
                    send(columns, kept);
                    kept = new ArrayList<>(rowsAtOnce);
                }
            }
            if (!kept.isEmpty()) {
                send(columns, kept);
            }
        }
    }

    private static RecordReader.@Nullable Value[] values(RecordReader rows, int[] columns) {
        RecordReader.@Nullable Value[] values = new RecordReader.@Nullable Value[columns.length];
        for (int i = 0; i < columns.length; i++) {
            values[i] = columns[i] < 0 ? null : rows.value(columns[i]);
        }
        return values;
    }

    private void send(List<Columns> columns, List<RecordReader.@Nullable Value[]> kept) throws IOException {
        if (chunks.size() == AHEAD) {
            write(chunks.remove());
        }
        List<Tensor> tensors =
                columns.stream().map(input -> input.take(kept.size())).toList();
        chunks.add(new Chunk(kept, model.infer(tensors)));
    }

    private void write(Chunk chunk) throws IOException {
        List<Tensor> predictions = chunk.reply().join();
        RecordWriter rows = writer(predictions);
        for (int row = 0; row < chunk.kept().size(); row++) {
            for (RecordReader.@Nullable Value value : chunk.kept().get(row)) {
                rows.write(value);
            }
            Predictions.write(rows, predictions, row);
            rows.end();
        }
    }

    /** The first predictions say how many columns an output has. */
    private RecordWriter writer(List<Tensor> predictions) throws IOException {
        RecordWriter known = writer;
        if (known == null) {
            List<String> names = new ArrayList<>(keptNames);
            names.addAll(Predictions.columns(model.spec().outputs(), predictions));
            known = csv ? RecordWriter.csv(out, names, Format.Csv.DEFAULT) : RecordWriter.jsonLines(out, names);
            writer = known;
        }
        return known;
    }
}
