package dev.tidemill.functions.model.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.FailureData;
import dev.tidemill.api.Json;
import dev.tidemill.api.OutputTarget;
import dev.tidemill.api.ShardData;
import dev.tidemill.api.WrittenData;
import dev.tidemill.dataflow.UnresolvedException;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.batch.Batcher.BusyException;
import dev.tidemill.functions.model.graph.GraphException;
import dev.tidemill.functions.model.image.ImageInput;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.profile.FormatException;
import dev.tidemill.store.ObjectClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Answers a shard of a Dataset. Blocks. */
final class ShardRoute {

    /** A larger result is written to the store by this function itself: a reply has at most 32 MiB and lies in memory. */
    private static final long MOST_IN_REPLY = 8L << 20;

    private final ServedModel model;
    private final ObjectClient store;

    ShardRoute(ServedModel model, ObjectClient store) {
        this.model = model;
        this.store = store;
    }

    /**
     * The reply of one event.
     *
     * @throws IOException, RuntimeException what is worth another try
     */
    Answer answer(byte[] data) throws IOException {
        Path file = Files.createTempFile("tidemill-predictions", "");
        try {
            ShardData shard = Json.mapper().readValue(data, ShardData.class);
            ImageInput images = ImageInput.of(model.spec());
            Scored scored = images == null
                    ? new Scoring(model, store).score(shard, file)
                    : new ImageScoring(model, images, store).score(shard, file);
            return reply(shard.output(), scored, file);
        } catch (JsonProcessingException e) {
            return failure("BadRequest", "the event's data is no shard: " + e.getOriginalMessage(), null);
        } catch (FormatException e) {
            return failure(
                    new FailureData("BadInput", e.problem(), e.object(), known(e.line()), known(e.byteOffset())));
        } catch (BadRowException e) {
            return failure("BadInput", String.valueOf(e.getMessage()), e.object());
        } catch (TensorException e) {
            return failure("ModelMismatch", String.valueOf(e.getMessage()), null);
        } catch (UnresolvedException e) {
            return failure(e.reason(), String.valueOf(e.getMessage()), null);
        } catch (CompletionException e) {
            if (e.getCause() instanceof GraphException refused && model.alive()) {
                return failure("ModelFailed", String.valueOf(refused.getMessage()), null);
            }
            throw e.getCause() instanceof BusyException busy ? busy : e;
        } finally {
            Files.delete(file);
        }
    }

    private Answer reply(@Nullable OutputTarget output, Scored scored, Path rows) throws IOException {
        Encoding encoding = scored.encoding();
        long size = scored.head().length + Files.size(rows);
        try (InputStream all =
                new SequenceInputStream(new ByteArrayInputStream(scored.head()), Files.newInputStream(rows))) {
            if (output == null || size <= MOST_IN_REPLY) {
                return new Answer(EventTypes.SHARD + ".result", encoding.contentType(), all.readAllBytes());
            }
            ObjectClient.Written written = store.put(
                    output.bucket(),
                    output.prefix() + output.name() + encoding.extension(),
                    all,
                    size,
                    encoding.contentType());
            return new Answer(
                    EventTypes.WRITTEN,
                    "application/json",
                    Json.bytes(new WrittenData(
                            List.of(new WrittenData.Written(written.key(), written.etag(), written.size())))));
        }
    }

    static Answer failure(String reason, String message, @Nullable String object) {
        return failure(new FailureData(reason, message, object, null, null));
    }

    private static Answer failure(FailureData failure) {
        return new Answer(EventTypes.FAILURE, "application/json", Json.bytes(failure));
    }

    private static @Nullable Long known(long position) {
        return position < 0 ? null : position;
    }

    /** A CloudEvent in reply. */
    record Answer(String type, String contentType, byte[] data) {}
}
