package dev.tidemill.local.broker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.tidemill.api.EventFilters;
import dev.tidemill.api.EventPattern;
import dev.tidemill.dataflow.FunctionClient.Event;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Who gets which events: a Trigger.
 *
 * @param filter attributes that an event must have, exactly as given; empty for every event
 * @param filters what attributes must be like, by {@link EventFilters}; empty for every event
 * @param detail what its data must have, by {@link EventPattern}; empty for any data
 * @param subscriber where events go; asked at each delivery, for a function may have been started anew elsewhere
 */
public record Subscription(
        String name,
        String namespace,
        String broker,
        Map<String, String> filter,
        List<Map<String, JsonNode>> filters,
        Map<String, JsonNode> detail,
        Supplier<URI> subscriber,
        Duration timeout) {

    private static final ObjectMapper JSON = new ObjectMapper();

    public Subscription {
        filter = Map.copyOf(filter);
        filters = List.copyOf(filters);
        detail = Map.copyOf(detail);
    }

    boolean wants(Event event) {
        return filter.entrySet().stream()
                        .allMatch(wanted -> Objects.equals(attribute(event, wanted.getKey()), wanted.getValue()))
                && EventFilters.pass(filters, name -> attribute(event, name))
                && (detail.isEmpty() || EventPattern.matches(detail, data(event)));
    }

    /** Data that is no JSON has nothing that a pattern could ask for. */
    private static JsonNode data(Event event) {
        try {
            return JSON.readTree(event.data());
        } catch (IOException notJson) {
            return MissingNode.getInstance();
        }
    }

    private static @org.jspecify.annotations.Nullable String attribute(Event event, String name) {
        return switch (name) {
            case "id" -> event.id();
            case "source" -> event.source();
            case "type" -> event.type();
            case "subject" -> event.subject();
            case "datacontenttype" -> event.contentType();
            case "specversion" -> "1.0";
            default -> event.extensions().get(name);
        };
    }
}
