package dev.tidemill.functions.model.event;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.ShardData;
import dev.tidemill.dataflow.Formats;
import dev.tidemill.dataflow.ObjectSource;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.RecordReader;
import dev.tidemill.profile.RecordReader.Value;
import dev.tidemill.profile.RecordRuns;
import dev.tidemill.store.ObjectClient;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a shard's objects through the model: the columns that no input takes are kept, then come the predictions, row by row in
 * the order of the objects. For one shard.
 */
final class Scoring {

    /** Rows in one inference where the Model asks for small batches: enough that the call itself does not count. */
    private static final int ROWS = 256;

    /** The tensors of one inference: where a row is wide, several of them would fill the memory. */
    private static final long BATCH_BYTES = 4 << 20;

    /** Runs of rows under way: more than there are processors, for one that is computed leaves its processor to others. */
    private static final int AHEAD = 2 + 2 * Runtime.getRuntime().availableProcessors();

    private static final @Nullable Value[] NONE = {};

    /**
     * An object, and its columns in its own order.
     *
     * @param whole whether it can have no others
     */
    private record Table(ObjectSource source, ObjectRange range, List<String> columns, boolean whole) {}

    private final ServedModel model;
    private final ObjectClient store;
    private final List<ModelSpec.Tensor> inputs;
    private final int rowsAtOnce;
    private final Buffers buffers = new Buffers();

    /** @throws TensorException if the model takes no rows */
    Scoring(ServedModel model, ObjectClient store) {
        if (!ServedModel.hasRows(model.spec())) {
            throw new TensorException(
                    "model %s takes no rows: the first dimension of each input and output has to be -1"
                            .formatted(model.name()));
        }
        this.model = model;
        this.store = store;
        this.inputs = model.spec().inputs();
        int most = Math.max(ROWS, Objects.requireNonNull(model.spec().batch().maxSize()));
        this.rowsAtOnce = Math.clamp(BATCH_BYTES / rowBytes(), 1, most);
    }

    private long rowBytes() {
        return inputs.stream()
                .mapToLong(input -> input.shape().stream()
                        .skip(1)
                        .reduce((long) Math.max(1, Tensor.width(input.datatype())), (a, b) -> a * Math.max(1, b)))
                .sum();
    }

    /**
     * Writes the predictions, but for what goes before them. JSON Lines may bring a new column with any record, and all have to be known
     * before the first row is written: those of the first records are taken for all of them, and if that turns out to be wrong, everything
     * is done again with those of all records.
     *
     * @param file is written from its beginning
     * @throws dev.tidemill.profile.FormatException if an object is not what its format says
     * @throws BadRowException if a row does not fit the model
     */
    Scored score(ShardData shard, Path file) throws IOException {
        try {
            return score(shard, file, false);
        } catch (MoreColumnsException e) {
            return score(shard, file, true);
        }
    }

    private Scored score(ShardData shard, Path file, boolean allRecords) throws IOException {
        S3Prefix binding = binding(shard);
        Format format = Formats.of(Objects.requireNonNullElse(binding.format(), DataFormat.AUTO));
        List<Table> tables = new ArrayList<>();
        for (ObjectRange range : Objects.requireNonNull(binding.objects())) {
            tables.add(table(ObjectSource.of(store, binding.bucket(), range), range, format, allRecords));
        }
        List<String> kept = kept(tables);
        Encoding encoding = Encoding.of(shard.output(), kept, model.spec().outputs());
        try (OutputStream out = Files.newOutputStream(file)) {
            PredictionWriter predictions = new PredictionWriter(model, encoding, out, buffers, AHEAD);
            for (Table table : tables) {
                score(table, format, kept, predictions);
            }
            return new Scored(encoding, predictions.finish());
        }
    }

    /** The one with objects. */
    static S3Prefix binding(ShardData shard) {
        return shard.functionData().values().stream()
                .filter(candidate -> candidate.objects() != null)
                .findFirst()
                .orElseThrow(() -> new TensorException("no binding of function_data has objects to work on"));
    }

    /** @param allRecords whether to look for columns in all of them, not in the first ones */
    private static Table table(ObjectSource source, ObjectRange range, Format format, boolean allRecords)
            throws IOException {
        try (RecordReader rows = RecordReader.open(source, format, range.offset(), range.length())) {
            boolean whole = !rows.columns().isEmpty();
            while (!whole && (allRecords || rows.columns().isEmpty())) {
                whole = !rows.next();
                if (!whole) {
                    rows.skip(rows.ready() - 1);
                }
            }
            return new Table(source, range, List.copyOf(rows.columns()), whole);
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
        try {
            return inputs.stream()
                    .map(input ->
                            Columns.of(input, table.columns(), table.range().key()))
                    .toList();
        } catch (TensorException e) {
            throw table.whole() ? e : new MoreColumnsException();
        }
    }

    private void score(Table table, Format format, List<String> keptNames, PredictionWriter predictions)
            throws IOException {
        if (table.columns().isEmpty()) {
            return;
        }
        List<Columns> columns = columns(table);
        int[] keptAt = keptNames.stream().mapToInt(table.columns()::indexOf).toArray();
        ObjectRange range = table.range();
        boolean first = true;
        try (RecordRuns runs = RecordRuns.open(
                table.source(), format, range.offset(), range.length(), table.columns(), floats(columns))) {
            for (RecordReader next = runs.next(); next != null; next = runs.next()) {
                RecordReader run = next;
                predictions.makeRoom();
                Executor executor = runs.independent() ? PredictionWriter.THREADS : Runnable::run;
                predictions.add(
                        first, CompletableFuture.supplyAsync(() -> read(run, columns, keptAt, table), executor));
                first = false;
            }
        }
    }

    /** What is to be read as rows of float32: the columns of the one input, where it takes these. */
    private static int[] floats(List<Columns> columns) {
        Columns first = columns.getFirst();
        return columns.size() == 1 && first.input().datatype() == ModelSpec.Datatype.FP32
                ? first.positions()
                : new int[0];
    }

    private List<PredictionWriter.Rows> read(RecordReader run, List<Columns> columns, int[] keptAt, Table table) {
        List<TensorRows> tensors = columns.stream()
                .map(each -> new TensorRows(each, rowsAtOnce, buffers))
                .toList();
        List<PredictionWriter.Rows> read = new ArrayList<>();
        List<@Nullable Value[]> kept = new ArrayList<>();
        try {
            while (run.next()) {
                if (run.columns().size() > table.columns().size()) {
                    throw new MoreColumnsException();
                }
                int count = Math.min(run.ready(), rowsAtOnce - kept.size());
                for (TensorRows tensor : tensors) {
                    tensor.add(run, count);
                }
                for (int i = 0; i < count; i++) {
                    kept.add(values(run, keptAt));
                    run.skip(i < count - 1 ? 1 : 0);
                }
                if (kept.size() == rowsAtOnce) {
                    read.add(rows(kept, tensors));
                    kept = new ArrayList<>();
                }
            }
        } catch (TensorException e) {
            ObjectRange range = table.range();
            throw new BadRowException(range.key(), run.record(), range.whole(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!kept.isEmpty()) {
            read.add(rows(kept, tensors));
        }
        return read;
    }

    private static PredictionWriter.Rows rows(List<@Nullable Value[]> kept, List<TensorRows> tensors) {
        return new PredictionWriter.Rows(
                kept, tensors.stream().map(tensor -> tensor.take(kept.size())).toList());
    }

    private static @Nullable Value[] values(RecordReader rows, int[] columns) {
        if (columns.length == 0) {
            return NONE;
        }
        @Nullable Value[] values = new Value[columns.length];
        for (int i = 0; i < columns.length; i++) {
            values[i] = columns[i] < 0 ? null : rows.value(columns[i]);
        }
        return values;
    }
}
