package dev.tidemill.functions.lambda.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.FunctionSpec.EventFormat;
import dev.tidemill.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the form in which a handler gets an event. {@code Auto} takes the one for which handlers of that kind of event were
 * written: S3's notification for events of a store, EventBridge's envelope for schedules and for what has a {@code source} and a
 * {@code detail}, API Gateway's for HTTP, else the data.
 */
public final class HandlerEvents {

    static final ObjectMapper JSON = Json.mapper();

    private static final String PING = "dev.knative.sources.ping";

    private final EventFormat format;
    private final S3Notification s3;
    private final EventBridge eventBridge;
    private final ApiGateway apiGateway;

    /**
     * @param format what the Function asks for
     * @param region what events without one get
     */
    public HandlerEvents(EventFormat format, String region) {
        this.format = format;
        this.s3 = new S3Notification(region);
        this.eventBridge = new EventBridge(region);
        this.apiGateway = new ApiGateway();
    }

    /** Whether the handler's answer is to be read as {@code {statusCode, headers, body}}. */
    public boolean answersHttp(Incoming incoming) {
        return incoming instanceof Incoming.Http && (format == EventFormat.Auto || format == EventFormat.ApiGatewayV2);
    }

    /**
     * The JSON that the handler gets.
     *
     * @throws UnfitEventException if the event cannot be put into the form that the Function asks for
     */
    public byte[] payload(Incoming incoming) {
        return switch (incoming) {
            case Incoming.CloudEvent event -> payload(event);
            case Incoming.Http http ->
                switch (format) {
                    case Auto, ApiGatewayV2 -> bytes(apiGateway.event(http));
                    case Data -> data(http.header("content-type"), http.data());
                    case S3, EventBridge, CloudEvent ->
                        throw new UnfitEventException(
                                "eventFormat %s takes CloudEvents, and this is a plain HTTP request: send the ce- headers, or set eventFormat to Auto, ApiGatewayV2 or Data"
                                        .formatted(format));
                };
        };
    }

    private byte[] payload(Incoming.CloudEvent event) {
        return switch (format) {
            case Auto -> automatic(event);
            case S3 -> bytes(s3.notification(event));
            case EventBridge -> bytes(eventBridge.envelope(event));
            case ApiGatewayV2 -> bytes(apiGateway.event(event));
            case Data -> data(event.contentType(), event.data());
            case CloudEvent -> bytes(structured(event));
        };
    }

    private byte[] automatic(Incoming.CloudEvent event) {
        String type = event.type();
        if (type.startsWith(EventTypes.STORE_PREFIX)) {
            return bytes(s3.notification(event));
        }
        if (type.equals(EventTypes.SHARD) || type.equals(EventTypes.COMBINE)) {
            return data(event.contentType(), event.data());
        }
        if (type.equals(PING) || event.source().startsWith("aws.") || eventBridge.isEnvelope(event)) {
            return bytes(eventBridge.envelope(event));
        }
        return data(event.contentType(), event.data());
    }

    /** JSON as it is; text as a JSON string; other bytes as a string in Base64; nothing as an empty object, as AWS' Invoke has it. */
    private static byte[] data(@Nullable String contentType, byte[] data) {
        if (data.length == 0) {
            return "{}".getBytes(StandardCharsets.UTF_8);
        }
        if (isJson(contentType)) {
            if (tree(data) == null) {
                throw new UnfitEventException("its data is said to be JSON (%s) and is not: %s"
                        .formatted(contentType == null ? "no content type" : contentType, quoted(data)));
            }
            return data;
        }
        return bytes(JSON.getNodeFactory().textNode(isText(contentType) ? text(data) : base64(data)));
    }

    /** The JSON event format of CloudEvents 1.0.2. */
    private static ObjectNode structured(Incoming.CloudEvent event) {
        ObjectNode json = JSON.createObjectNode()
                .put("specversion", "1.0")
                .put("id", event.id())
                .put("source", event.source())
                .put("type", event.type());
        put(json, "subject", event.subject());
        put(json, "time", event.time());
        put(json, "datacontenttype", event.contentType());
        event.extensions().forEach(json::put);
        if (event.data().length > 0) {
            JsonNode data = isJson(event.contentType()) ? tree(event.data()) : null;
            if (data != null) {
                json.set("data", data);
            } else if (isText(event.contentType())) {
                json.put("data", text(event.data()));
            } else {
                json.put("data_base64", base64(event.data()));
            }
        }
        return json;
    }

    static void put(ObjectNode json, String name, @Nullable String value) {
        if (value != null) {
            json.put(name, value);
        }
    }

    /** No content type means JSON, as in the HTTP binding's structured events and in AWS' Invoke. */
    static boolean isJson(@Nullable String contentType) {
        String type = mediaType(contentType);
        return type.isEmpty() || type.equals("application/json") || type.endsWith("+json");
    }

    static boolean isText(@Nullable String contentType) {
        String type = mediaType(contentType);
        return type.startsWith("text/")
                || isJson(contentType)
                || type.equals("application/xml")
                || type.endsWith("+xml")
                || type.equals("application/javascript")
                || type.equals("application/x-www-form-urlencoded");
    }

    private static String mediaType(@Nullable String contentType) {
        return contentType == null ? "" : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    /** The one JSON value that the bytes are, or null. */
    static @Nullable JsonNode tree(byte[] data) {
        try {
            JsonNode tree = JSON.readTree(data);
            return tree.isMissingNode() ? null : tree;
        } catch (IOException notJson) {
            return null;
        }
    }

    static String text(byte[] data) {
        return new String(data, StandardCharsets.UTF_8);
    }

    static String base64(byte[] data) {
        return Base64.getEncoder().encodeToString(data);
    }

    private static String quoted(byte[] data) {
        String text = text(data);
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }

    private static byte[] bytes(JsonNode json) {
        return Json.bytes(json);
    }
}
