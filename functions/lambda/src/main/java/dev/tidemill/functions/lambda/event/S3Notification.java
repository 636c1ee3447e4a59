package dev.tidemill.functions.lambda.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.EventTypes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Amazon S3's notification message, version 2.2 (Amazon S3 User Guide, "Event message structure"). What another store left out or
 * spells in its own way is put right, because AWS' event classes fail on it: MinIO writes {@code s3:} before event names and leaves
 * the region empty.
 */
final class S3Notification {

    private final String region;

    S3Notification(String region) {
        this.region = region;
    }

    ObjectNode notification(Incoming.CloudEvent event) {
        JsonNode data = event.data().length == 0 ? null : HandlerEvents.tree(event.data());
        ObjectNode message = HandlerEvents.JSON.createObjectNode();
        var records = message.putArray("Records");
        if (data != null && data.path("Records").isArray()) {
            data.path("Records").forEach(record -> records.add(complete(event, record)));
        } else if (data != null && data.has("s3")) {
            records.add(complete(event, data));
        } else {
            records.add(complete(event, ofAttributes(event)));
        }
        return message;
    }

    private ObjectNode complete(Incoming.CloudEvent event, JsonNode given) {
        ObjectNode record = HandlerEvents.JSON.createObjectNode();
        record.put("eventVersion", text(given, "eventVersion", "2.1"));
        record.put("eventSource", "aws:s3");
        record.put("awsRegion", text(given, "awsRegion", region));
        record.put("eventTime", text(given, "eventTime", time(event)));
        record.put("eventName", text(given, "eventName", name(event)).replaceFirst("^s3:", ""));
        record.set("userIdentity", object(given, "userIdentity"));
        record.set("requestParameters", object(given, "requestParameters"));
        record.set("responseElements", object(given, "responseElements"));
        ObjectNode s3 = object(given, "s3");
        s3.put("s3SchemaVersion", text(s3, "s3SchemaVersion", "1.0"));
        s3.put("configurationId", text(s3, "configurationId", "tidemill"));
        ObjectNode bucket = object(s3, "bucket");
        bucket.put(
                "arn", text(bucket, "arn", "arn:aws:s3:::" + bucket.path("name").asText()));
        bucket.set("ownerIdentity", object(bucket, "ownerIdentity"));
        s3.set("bucket", bucket);
        s3.set("object", object(s3, "object"));
        record.set("s3", s3);
        given.properties().forEach(more -> {
            if (!record.has(more.getKey())) {
                record.set(more.getKey(), more.getValue());
            }
        });
        return record;
    }

    /** An event without data: the subject is the key, the source ends with the bucket, as in the CloudEvents adapter for S3. */
    private static ObjectNode ofAttributes(Incoming.CloudEvent event) {
        String key = event.subject();
        if (key == null) {
            throw new UnfitEventException(
                    "event %s of type %s has neither a record of S3's as its data nor a key as its subject"
                            .formatted(event.id(), event.type()));
        }
        String source = event.source();
        String bucket = source.substring(Math.max(source.lastIndexOf('.'), source.lastIndexOf('/')) + 1);
        ObjectNode record = HandlerEvents.JSON.createObjectNode();
        ObjectNode s3 = record.putObject("s3");
        s3.putObject("bucket").put("name", bucket);
        s3.putObject("object").put("key", escaped(key));
        return record;
    }

    /** As S3 writes keys: the bytes of UTF-8 percent-encoded, a space as a plus, slashes as they are. */
    static String escaped(String key) {
        return URLEncoder.encode(key, StandardCharsets.UTF_8).replace("%2F", "/");
    }

    private static String name(Incoming.CloudEvent event) {
        return event.type().startsWith(EventTypes.STORE_PREFIX)
                ? event.type().substring(EventTypes.STORE_PREFIX.length())
                : event.type();
    }

    private static String time(Incoming.CloudEvent event) {
        return Objects.requireNonNullElseGet(event.time(), () -> Instant.now().toString());
    }

    private static String text(JsonNode json, String name, @Nullable String otherwise) {
        String value = json.path(name).asText("");
        return value.isEmpty() && otherwise != null ? otherwise : value;
    }

    private static ObjectNode object(JsonNode json, String name) {
        return json.path(name) instanceof ObjectNode object ? object.deepCopy() : HandlerEvents.JSON.createObjectNode();
    }
}
