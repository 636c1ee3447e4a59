package dev.tidemill.functions.dataflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.FailureData;
import dev.tidemill.api.Json;
import dev.tidemill.profile.FormatException;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;

/** How every function of this application answers: with its result, or with why this input will fail however often it is sent. */
final class Answer {

    /** What a function does with the event's data, after it was read. */
    @FunctionalInterface
    interface Work<T> {
        /** @throws RefusedException if trying again is in vain; anything else thrown is worth another try */
        Body on(T data) throws IOException, InterruptedException;
    }

    /** A result. */
    record Body(byte[] bytes, String contentType) {
        static Body json(Object value) {
            return new Body(Json.bytes(value), "application/json");
        }
    }

    private Answer() {}

    /** Reads the event's data, works on it and wraps what came of it. */
    static <T> CloudEvent<byte[]> to(CloudEvent<byte[]> event, Class<T> data, Work<T> work) {
        try {
            Body body = work.on(read(event, data));
            return CloudEventBuilder.create().type(event.type() + ".result").build(body.bytes(), body.contentType());
        } catch (RefusedException e) {
            return failure(e.failure());
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

    /** @throws RefusedException if it is no JSON */
    static JsonNode json(byte[] bytes) throws IOException {
        try {
            return Json.mapper().readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new RefusedException("BadRequest", "a part to combine is not JSON: " + e.getOriginalMessage());
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

    private static @org.jspecify.annotations.Nullable Long known(long position) {
        return position < 0 ? null : position;
    }
}
