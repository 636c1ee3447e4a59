package dev.tidemill.functions.lambda.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Amazon EventBridge's envelope, version 0. */
final class EventBridge {

    private static final String PING = "dev.knative.sources.ping";

    private final String region;

    EventBridge(String region) {
        this.region = region;
    }

    /** Whether the data has the two members that make an event of EventBridge's. */
    boolean isEnvelope(Incoming.CloudEvent event) {
        return HandlerEvents.isJson(event.contentType()) && isEnvelope(HandlerEvents.tree(event.data()));
    }

    private static boolean isEnvelope(@Nullable JsonNode data) {
        return data != null
                && data.path("source").isTextual()
                && data.path("detail").isObject();
    }

    ObjectNode envelope(Incoming.CloudEvent event) {
        JsonNode data = HandlerEvents.isJson(event.contentType()) ? HandlerEvents.tree(event.data()) : null;
        boolean whole = isEnvelope(data);
        boolean schedule = event.type().equals(PING);
        ObjectNode envelope = HandlerEvents.JSON.createObjectNode();
        envelope.put("version", "0");
        envelope.put("id", event.requestId().toString());
        envelope.put("detail-type", schedule ? "Scheduled Event" : event.type());
        envelope.put("source", schedule ? "aws.events" : event.source());
        envelope.put("account", "000000000000");
        envelope.put(
                "time",
                event.time() == null
                        ? Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()
                        : event.time());
        envelope.put("region", region);
        var resources = envelope.putArray("resources");
        if (schedule || event.subject() != null) {
            resources.add(event.subject() == null ? event.source() : event.subject());
        }
        if (whole && data instanceof ObjectNode given) {
            envelope.setAll(given);
        } else if (data != null) {
            envelope.set("detail", data);
        } else {
            ObjectNode detail = envelope.putObject("detail");
            if (event.data().length > 0) {
                detail.put("body", HandlerEvents.text(event.data()));
            }
        }
        return envelope;
    }
}
