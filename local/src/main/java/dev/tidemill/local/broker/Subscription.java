package dev.tidemill.local.broker;

import dev.tidemill.dataflow.FunctionClient.Event;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Who gets which events: a Trigger.
 *
 * @param filter attributes that an event must have, exactly as given; empty for every event
 * @param subscriber where events go; asked at each delivery, for a function may have been started anew elsewhere
 */
public record Subscription(
        String name,
        String namespace,
        String broker,
        Map<String, String> filter,
        Supplier<URI> subscriber,
        Duration timeout) {

    public Subscription {
        filter = Map.copyOf(filter);
    }

    boolean wants(Event event) {
        return filter.entrySet().stream()
                .allMatch(wanted -> Objects.equals(attribute(event, wanted.getKey()), wanted.getValue()));
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
