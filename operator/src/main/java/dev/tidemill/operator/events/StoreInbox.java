package dev.tidemill.operator.events;

import dev.tidemill.dataflow.Trace;
import dev.tidemill.operator.LoggedTrace;
import dev.tidemill.operator.store.NotificationTargets;
import dev.tidemill.operator.store.OpenStores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Receives the notifications of stores. Wakes the Datasets first, and the Models whose object it is, hands the events to the {@link Forwarder}, and answers at once;
 * no namespace gets an event of a key that none of its granted, declared prefixes holds.
 */
public final class StoreInbox {

    private static final Logger LOG = Logger.getLogger(StoreInbox.class);

    private final OpenStores stores;
    private final NotificationTargets targets;
    private final Declarations declarations;
    private final WakeUp wakeUp;
    private final Artifacts artifacts;
    private final Forwarder forwarder;

    /** Tells that keys of a Dataset may have changed, none meaning any, and in which trace. */
    public interface WakeUp {
        void changed(String namespace, String dataset, Set<String> keys, @Nullable String traceparent);
    }

    /** What the sender is answered. */
    public enum Answer {
        Accepted,
        Unauthorized,
        NotUnderstood
    }

    public StoreInbox(
            OpenStores stores,
            NotificationTargets targets,
            Declarations declarations,
            WakeUp wakeUp,
            Artifacts artifacts,
            Forwarder forwarder) {
        this.stores = stores;
        this.targets = targets;
        this.declarations = declarations;
        this.wakeUp = wakeUp;
        this.artifacts = artifacts;
        this.forwarder = forwarder;
    }

    /** @param authorization the header as MinIO sends it: the token alone, or after {@code Bearer} */
    public Answer receive(String store, @Nullable String authorization, @Nullable String traceparent, byte[] payload) {
        if (!isFrom(store, authorization)) {
            return Answer.Unauthorized;
        }
        var open = stores.find(store);
        if (open.isEmpty()) {
            // Nobody works with it now; what it says is found by listing when somebody does.
            return Answer.Accepted;
        }
        // A store tells none: what follows from its event is one trace that begins here.
        var trace = Trace.of(traceparent, RandomGenerator.getDefault());
        try (var _ = new LoggedTrace(trace)) {
            accept(store, StoreRecords.read(payload, open.get().spec().region()), trace);
            return Answer.Accepted;
        } catch (IOException e) {
            LOG.warnf("notification of ObjectStore %s: %s", store, e.getMessage());
            return Answer.NotUnderstood;
        }
    }

    private boolean isFrom(String store, @Nullable String authorization) {
        var token = targets.token(store);
        if (token == null || authorization == null) {
            return false;
        }
        var given = authorization.startsWith("Bearer ") ? authorization.substring("Bearer ".length()) : authorization;
        return MessageDigest.isEqual(
                given.strip().getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
    }

    private void accept(String store, List<StoreRecords.StoreEvent> events, Trace trace) {
        Metric.RECEIVED.of(store).increment(events.size());
        Map<Declarations.Resource, Set<String>> changed = new HashMap<>();
        Set<Declarations.Resource> replaced = new HashSet<>();
        Map<StoreRecords.StoreEvent, Set<String>> concerned = new HashMap<>();
        for (var event : events) {
            var namespaces = new LinkedHashSet<String>();
            for (var resource : declarations.holding(store, event.bucket(), event.key())) {
                switch (resource.kind()) {
                    case Dataset -> {
                        namespaces.add(resource.namespace());
                        changed.computeIfAbsent(resource, _ -> new HashSet<>()).add(event.key());
                    }
                    case Function -> namespaces.add(resource.namespace());
                    case Model -> replaced.add(resource);
                }
            }
            concerned.put(event, namespaces);
        }
        changed.forEach((dataset, keys) -> {
            LOG.infof(
                    "ObjectStore %s told of %d keys of Dataset %s/%s",
                    store, keys.size(), dataset.namespace(), dataset.name());
            wakeUp.changed(dataset.namespace(), dataset.name(), keys, trace.parent(store));
        });
        replaced.forEach(artifacts::replaced);
        concerned.forEach((event, namespaces) ->
                namespaces.forEach(namespace -> forwarder.forward(namespace, event.within(trace))));
    }
}
