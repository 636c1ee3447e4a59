package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Maps each object to {@code {"<key>": "<content>"}} and merges such maps, so that the result itself tells which objects counted
 * and how often: a key that is met twice is kept as {@code "<key>!"}.
 */
final class ModelFunction implements FunctionClient {

    static final String POISON = "poison";

    private final ObjectClient store;
    private final Consumer<Event> called;

    /** @param called told of each call before it is answered; may throw what kills the caller */
    ModelFunction(ObjectClient store, Consumer<Event> called) {
        this.store = store;
        this.called = called;
    }

    @Override
    public Reply call(URI function, Event event, Duration timeout) {
        called.accept(event);
        try {
            JsonNode data = Json.MAPPER.readTree(event.data());
            ObjectNode result = JsonNodeFactory.instance.objectNode();
            if (data.has("parts")) {
                data.get("parts").forEach(part -> merge(result, body(part)));
            } else {
                JsonNode binding = data.get("function_data").elements().next();
                for (JsonNode object : binding.get("objects")) {
                    String key = object.get("key").asText();
                    String content = read(binding.get("bucket").asText(), key);
                    if (content.startsWith(POISON)) {
                        return new Reply.Final(new Failure("Poison", "cannot be read", "s3://in/" + key, 1, 0, true));
                    }
                    put(result, key, content);
                }
            }
            return new Reply.Result(null, "application/json", Json.bytes(result));
        } catch (StoreException.NoSuchKey e) {
            return new Reply.Transient(500, "an object is gone", null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode body(JsonNode part) {
        if (!part.has("dataref")) {
            return part;
        }
        try (var body = store.open(URI.create(part.get("dataref").asText()))) {
            return Json.MAPPER.readTree(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void merge(ObjectNode into, JsonNode part) {
        for (Iterator<Map.Entry<String, JsonNode>> fields = part.fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            put(into, field.getKey(), field.getValue().asText());
        }
    }

    private static void put(ObjectNode into, String key, String content) {
        into.put(into.has(key) ? key + "!" : key, content);
    }

    private String read(String bucket, String key) {
        try (var body = store.get(bucket, key, ObjectClient.ReadOptions.ALL)) {
            return new String(body.stream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
