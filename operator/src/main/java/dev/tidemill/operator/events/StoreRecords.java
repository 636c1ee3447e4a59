package dev.tidemill.operator.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.EventExtensions;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.Trace;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A store's notification as CloudEvents, by the <a
 * href="https://github.com/cloudevents/spec/blob/main/cloudevents/adapters/aws-s3.md">CloudEvents adapter for S3</a>, save for the id:
 * the adapter's (request id and host id) is the same for all objects of a multi-delete. MinIO's records become AWS's: event names
 * without {@code s3:}, the region filled in. Pure.
 */
final class StoreRecords {

    private static final ObjectMapper JSON = Json.mapper();

    private StoreRecords() {}

    /**
     * One record.
     *
     * @param key as it is, not escaped
     */
    record StoreEvent(String bucket, String key, Event event) {

        /** The event, to be sent as part of a trace. */
        Event within(Trace trace) {
            var extensions = new TreeMap<>(event.extensions());
            extensions.put(EventExtensions.TRACE_PARENT, trace.parent(event.id()));
            return event.with(extensions);
        }
    }

    /**
     * Reads a payload {@code {"Records": […]}}.
     *
     * @param region of the store, where the record has none
     * @throws IOException when it is nothing of the kind; the message says why
     */
    static List<StoreEvent> read(byte[] payload, String region) throws IOException {
        var records = JSON.readTree(payload).path("Records");
        if (!records.isArray()) {
            throw new IOException("a store's notification has an array Records, and this has none");
        }
        var events = new ArrayList<StoreEvent>();
        for (var record : records) {
            events.add(event(record, region));
        }
        return events;
    }

    private static StoreEvent event(JsonNode record, String region) throws IOException {
        var bucket = text(record, "/s3/bucket/name");
        var escaped = text(record, "/s3/object/key");
        var key = decoded(escaped);
        var name = withoutScheme(text(record, "/eventName"));
        var data = (ObjectNode) record.deepCopy();
        data.put("eventName", name);
        if (data.path("awsRegion").asText().isEmpty()) {
            data.put("awsRegion", region);
        }
        // AWS's classes know the event names without the scheme, and only one place of an event's origin.
        var source = "%s.%s.%s"
                .formatted(
                        data.path("eventSource").asText("aws:s3"),
                        data.path("awsRegion").asText(),
                        bucket);
        var object = record.at("/s3/object");
        var version = object.path("versionId").asText(object.path("eTag").asText());
        var id = digest(String.join(
                "\n", bucket, key, version, name, object.path("sequencer").asText()));
        return new StoreEvent(
                bucket,
                key,
                new Event(
                        id,
                        source,
                        EventTypes.STORE_PREFIX + name,
                        key,
                        "application/json",
                        extensions(data, bucket, key),
                        Json.bytes(data)));
    }

    private static Map<String, String> extensions(JsonNode record, String bucket, String key) {
        var partition = bucket + "/" + key;
        var time = record.path("eventTime").asText();
        return time.isEmpty()
                ? Map.of(EventExtensions.PARTITION_KEY, partition)
                : Map.of(EventExtensions.PARTITION_KEY, partition, "time", time);
    }

    private static String decoded(String key) throws IOException {
        try {
            return URLDecoder.decode(key, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IOException("the key " + key + " is not escaped as in a URL", e);
        }
    }

    private static String withoutScheme(String name) {
        return name.startsWith("s3:") ? name.substring("s3:".length()) : name;
    }

    private static String text(JsonNode record, String path) throws IOException {
        var value = record.at(path);
        if (!value.isTextual() || value.asText().isEmpty()) {
            throw new IOException("a record of a store's notification has no "
                    + path.substring(1).replace('/', '.'));
        }
        return value.asText();
    }

    private static String digest(String text) {
        try {
            var hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
