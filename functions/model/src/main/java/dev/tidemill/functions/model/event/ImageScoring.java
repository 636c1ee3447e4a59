package dev.tidemill.functions.model.event;

import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.ShardData;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.image.ImageInput;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.profile.Format;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.RecordWriter;
import dev.tidemill.store.ObjectClient;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The objects of a shard through a model that takes images: for each a row with its key and the predictions. For one shard. */
final class ImageScoring {

    /** Column of the key. */
    private static final String OBJECT = "object";

    private static final int MOST_BYTES = 64 << 20;

    /** A batch lies in memory as pixels of the input's type. */
    private static final int BATCH_BYTES = 16 << 20;

    /** Batches in flight: one computes while the next one is decoded. */
    private static final int AHEAD = 2;

    private record Batch(List<String> keys, CompletableFuture<List<Tensor>> reply) {}

    private final ServedModel model;
    private final ImageInput input;
    private final ObjectClient store;
    private final OutputStream out;
    private final int rowsAtOnce;
    private final ArrayDeque<Batch> batches = new ArrayDeque<>();
    private @Nullable RecordWriter writer;

    ImageScoring(ServedModel model, ImageInput input, ObjectClient store, OutputStream out) {
        this.model = model;
        this.input = input;
        this.store = store;
        this.out = out;
        int most = Math.max(32, Objects.requireNonNull(model.spec().batch().maxSize()));
        this.rowsAtOnce = Math.clamp(BATCH_BYTES / input.rowBytes(), 1, most);
    }

    /**
     * Writes the predictions and closes the stream.
     *
     * @throws FormatException if an object is no image that can be read
     */
    void score(ShardData shard) throws IOException {
        boolean csv = Scoring.isCsv(shard.output());
        S3Prefix binding = Scoring.binding(shard);
        List<ObjectRange> objects = Objects.requireNonNull(binding.objects());
        for (int from = 0; from < objects.size(); from += rowsAtOnce) {
            send(binding.bucket(), objects.subList(from, Math.min(from + rowsAtOnce, objects.size())), csv);
        }
        while (!batches.isEmpty()) {
            write(batches.remove(), csv);
        }
        if (writer == null) {
            out.close();
        } else {
            writer.close();
        }
    }

    private void send(String bucket, List<ObjectRange> objects, boolean csv) throws IOException {
        ByteBuffer rows = Tensor.allocate((long) objects.size() * input.rowBytes());
        for (ObjectRange object : objects) {
            input.append(object.key(), read(bucket, object), rows);
        }
        if (batches.size() == AHEAD) {
            write(batches.remove(), csv);
        }
        batches.add(new Batch(
                objects.stream().map(ObjectRange::key).toList(),
                model.infer(List.of(input.tensor(rows.flip(), objects.size())))));
    }

    private byte[] read(String bucket, ObjectRange object) throws IOException {
        if (!object.whole()) {
            throw new TensorException("object %s is cut, and an image is read as a whole: leave partition.split out"
                    .formatted(object.key()));
        }
        if (object.size() > MOST_BYTES) {
            throw new FormatException(
                    object.key(), -1, -1, "an image has at most %d bytes: make it smaller".formatted(MOST_BYTES));
        }
        try (var body = store.get(bucket, object.key(), new ObjectClient.ReadOptions(0, -1, object.etag()))) {
            return body.stream().readAllBytes();
        }
    }

    private void write(Batch batch, boolean csv) throws IOException {
        List<Tensor> predictions = batch.reply().join();
        RecordWriter rows = writer(predictions, csv);
        for (int row = 0; row < batch.keys().size(); row++) {
            rows.text(batch.keys().get(row).getBytes(StandardCharsets.UTF_8));
            Predictions.write(rows, predictions, row);
            rows.end();
        }
    }

    private RecordWriter writer(List<Tensor> predictions, boolean csv) throws IOException {
        RecordWriter known = writer;
        if (known == null) {
            List<String> names = new ArrayList<>(List.of(OBJECT));
            names.addAll(Predictions.columns(model.spec().outputs(), predictions));
            known = csv ? RecordWriter.csv(out, names, Format.Csv.DEFAULT) : RecordWriter.jsonLines(out, names);
            writer = known;
        }
        return known;
    }
}
