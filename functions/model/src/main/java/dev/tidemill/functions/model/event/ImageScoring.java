package dev.tidemill.functions.model.event;

import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.ShardData;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.image.ImageInput;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.profile.FormatException;
import dev.tidemill.profile.RecordReader.Value;
import dev.tidemill.store.ObjectClient;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** The objects of a shard through a model that takes images: for each a row with its key and the predictions. For one shard. */
final class ImageScoring {

    /** Column of the key. */
    private static final String OBJECT = "object";

    private static final int MOST_BYTES = 64 << 20;

    /** A batch lies in memory as pixels of the input's type. */
    private static final int BATCH_BYTES = 16 << 20;

    /** Batches under way: one computes while the next one is decoded. */
    private static final int AHEAD = 2;

    private final ServedModel model;
    private final ImageInput input;
    private final ObjectClient store;
    private final int rowsAtOnce;

    ImageScoring(ServedModel model, ImageInput input, ObjectClient store) {
        this.model = model;
        this.input = input;
        this.store = store;
        int most = Math.max(32, Objects.requireNonNull(model.spec().batch().maxSize()));
        this.rowsAtOnce = Math.clamp(BATCH_BYTES / input.rowBytes(), 1, most);
    }

    /**
     * Writes the predictions, but for what goes before them.
     *
     * @param file is written from its beginning
     * @throws FormatException if an object is no image that can be read
     */
    Scored score(ShardData shard, Path file) throws IOException {
        S3Prefix binding = Scoring.binding(shard);
        List<ObjectRange> objects = Objects.requireNonNull(binding.objects());
        Encoding encoding =
                Encoding.of(shard.output(), List.of(OBJECT), model.spec().outputs());
        try (OutputStream out = Files.newOutputStream(file)) {
            PredictionWriter predictions = new PredictionWriter(model, encoding, out, new Buffers(), AHEAD);
            for (int from = 0; from < objects.size(); from += rowsAtOnce) {
                List<ObjectRange> some = objects.subList(from, Math.min(from + rowsAtOnce, objects.size()));
                predictions.makeRoom();
                predictions.add(
                        false,
                        CompletableFuture.supplyAsync(() -> read(binding.bucket(), some), PredictionWriter.THREADS));
            }
            return new Scored(encoding, predictions.finish());
        }
    }

    private static Value[] kept(ObjectRange object) {
        return new Value[] {new Value(object.key().getBytes(StandardCharsets.UTF_8), false)};
    }

    private List<PredictionWriter.Rows> read(String bucket, List<ObjectRange> objects) {
        ByteBuffer rows = Tensor.allocate((long) objects.size() * input.rowBytes());
        try {
            for (ObjectRange object : objects) {
                input.append(object.key(), read(bucket, object), rows);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of(new PredictionWriter.Rows(
                objects.stream().map(ImageScoring::kept).toList(), List.of(input.tensor(rows.flip(), objects.size()))));
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
}
