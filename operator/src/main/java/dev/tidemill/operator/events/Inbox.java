package dev.tidemill.operator.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.ChangedData;
import dev.tidemill.api.EventExtensions;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.FunctionClient.Event;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Receives hints that Datasets of a namespace may have changed, from its broker. Marks them and answers. */
public final class Inbox {

    private static final ObjectMapper JSON = Json.mapper();
    private final EventsAddress address;
    private final Declarations declarations;
    private final StoreInbox.WakeUp wakeUp;

    public Inbox(EventsAddress address, Declarations declarations, StoreInbox.WakeUp wakeUp) {
        this.address = address;
        this.declarations = declarations;
        this.wakeUp = wakeUp;
    }

    /** Whether whoever knows this path may speak for the namespace. */
    public boolean admits(String namespace, String token) {
        return address.isOf(namespace, token);
    }

    /** Does what the event says; false when it is none that can be understood, so that sending it again is no use. */
    public boolean receive(String namespace, Event event) {
        try {
            if (!EventTypes.DATASET_CHANGED.equals(event.type())) {
                return false;
            }
            var changed = changed(JSON.readTree(event.data()));
            wake(namespace, changed, event.extensions().get(EventExtensions.TRACE_PARENT));
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    /** Without data, anything may have changed. */
    private static ChangedData changed(JsonNode data) throws IOException {
        return data.isObject() ? JSON.treeToValue(data, ChangedData.class) : new ChangedData(null, null, List.of());
    }

    private void wake(String namespace, ChangedData changed, @Nullable String traceparent) {
        if (changed.dataset() != null) {
            wakeUp.changed(namespace, changed.dataset(), Set.copyOf(changed.keys()), traceparent);
            return;
        }
        declarations.of(namespace).forEach((resource, prefixes) -> {
            var concerned = prefixes.stream()
                    .filter(prefix ->
                            changed.bucket() == null || changed.bucket().equals(prefix.bucket()))
                    .toList();
            var keys = changed.keys().stream()
                    .filter(key -> concerned.stream().anyMatch(prefix -> key.startsWith(prefix.prefix())))
                    .collect(Collectors.toSet());
            if (resource.kind() == Declarations.Kind.Dataset
                    && !concerned.isEmpty()
                    && (changed.keys().isEmpty() || !keys.isEmpty())) {
                wakeUp.changed(namespace, resource.name(), keys, traceparent);
            }
        });
    }
}
