package dev.tidemill.functions.sdk;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.tidemill.api.CombineData;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.FailureData;
import dev.tidemill.api.Json;
import dev.tidemill.api.ShardData;
import dev.tidemill.dataflow.UnresolvedException;
import dev.tidemill.profile.FormatException;
import dev.tidemill.store.ObjectClient;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventBuilder;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a function is injected with, to answer Tidemill's events:
 *
 * <pre>{@code
 * @Funq
 * @CloudEventMapping(trigger = "dev.tidemill.shard")
 * public CloudEvent<byte[]> sum(CloudEvent<byte[]> event) {
 *     return tidemill.shard(event, shard -> {
 *         DoubleAdder sum = new DoubleAdder();
 *         shard.rows(row -> sum.add(row.number("price")));
 *         return Result.json(sum.sum());
 *     });
 * }
 * }</pre>
 *
 * <p>What will fail however often it is tried becomes a final failure with object, line and byte: bytes that are not what their format
 * says, and whatever is {@linkplain RefusedException refused}. Anything else that is thrown is answered with 500 and tried again.
 */
@ApplicationScoped
public class Tidemill {

    /**
     * What a function does.
     *
     * @param <T> what it works on
     */
    @FunctionalInterface
    public interface Work<T> {
        /** @throws RefusedException if trying again is in vain; anything else thrown is worth another try */
        Result on(T input) throws IOException, InterruptedException;
    }

    private final ObjectClient store;

    /** @param store injected: the one that {@code AWS_ENDPOINT_URL_S3} and its companions name */
    public Tidemill(ObjectClient store) {
        this.store = store;
    }

    /** Answers {@code dev.tidemill.shard}: the result becomes the shard's part, or an object of the derived Dataset. */
    public CloudEvent<byte[]> shard(CloudEvent<byte[]> event, Work<Shard> work) {
        return answer(event, ShardData.class, data -> work.on(open(data)));
    }

    /** The objects of a shard, for who reads the event's data by {@link #answer}. */
    public Shard open(ShardData data) {
        return Shard.of(data, store);
    }

    /** The results to be combined, for the same. */
    public List<Partial> open(CombineData data) {
        return data.parts().stream().map(part -> new Partial(part, store)).toList();
    }

    /** Answers {@code dev.tidemill.combine}: results of shards, in their order, or of earlier answers of this function, to one. */
    public CloudEvent<byte[]> combine(CloudEvent<byte[]> event, Work<List<Partial>> work) {
        return answer(event, CombineData.class, data -> work.on(open(data)));
    }

    /**
     * Answers any event whose data is JSON.
     *
     * @param data what Jackson makes of it
     */
    public <T> CloudEvent<byte[]> answer(CloudEvent<byte[]> event, Class<T> data, Work<T> work) {
        try {
            Result result = work.on(read(event, data));
            return CloudEventBuilder.create()
                    .type(event.type() + ".result")
                    .build(result.bytes(), result.contentType());
        } catch (RefusedException e) {
            return failure(e.failure());
        } catch (UnresolvedException e) {
            return failure(new FailureData(e.reason(), String.valueOf(e.getMessage()), null, null, null));
        } catch (FormatException e) {
            return failure(new FailureData(
                    "BadInput", where(e) + e.problem(), e.object(), known(e.line()), known(e.byteOffset())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("this function is being stopped", e);
        }
    }

    private static <T> T read(CloudEvent<byte[]> event, Class<T> data) throws IOException {
        try {
            return Json.mapper().readValue(event.data(), data);
        } catch (JsonProcessingException e) {
            throw new RefusedException(
                    "BadRequest",
                    "the data of event %s (%s) is not a %s: %s"
                            .formatted(event.id(), event.type(), data.getSimpleName(), e.getOriginalMessage()));
        }
    }

    private static CloudEvent<byte[]> failure(FailureData failure) {
        return CloudEventBuilder.create().type(EventTypes.FAILURE).build(Json.bytes(failure), "application/json");
    }

    /** Line and byte; the object is named beside the message. */
    private static String where(FormatException e) {
        return (e.line() < 0 ? "" : "line " + e.line() + ", ")
                + (e.byteOffset() < 0 ? "" : "byte " + e.byteOffset() + ": ");
    }

    private static @Nullable Long known(long position) {
        return position < 0 ? null : position;
    }
}
