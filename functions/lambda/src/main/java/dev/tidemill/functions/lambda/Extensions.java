package dev.tidemill.functions.lambda;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The extensions of one runtime, by the Extensions API 2020-01-01: they register and are told of invocations and of the end. */
final class Extensions {

    static final String INVOKE = "INVOKE";
    static final String SHUTDOWN = "SHUTDOWN";

    private static final ObjectMapper JSON = Json.mapper();

    /** What AWS Lambda gives external extensions at the end. */
    static final Duration GRACE = Duration.ofSeconds(2);

    /** An extension that never asks is not remembered for ever. */
    private static final int BACKLOG = 1_000;

    private static final class Extension {
        private final Set<String> wants;
        private final Deque<byte[]> pending = new ArrayDeque<>();
        private final CompletableFuture<Void> farewell = new CompletableFuture<>();
        private boolean ending;
        private @Nullable Consumer<byte[]> poll;

        Extension(Set<String> wants) {
            this.wants = wants;
        }

        void tell(String type, byte[] event) {
            if (!wants.contains(type)) {
                return;
            }
            Consumer<byte[]> asking = poll;
            if (asking != null) {
                poll = null;
                asking.accept(event);
            } else if (pending.size() < BACKLOG) {
                pending.add(event);
            }
        }

        void next(Consumer<byte[]> asking) {
            byte[] event = pending.poll();
            if (event == null) {
                poll = asking;
            } else {
                asking.accept(event);
                endIfToldAll();
            }
        }

        CompletableFuture<Void> end(byte[] event) {
            ending = true;
            tell(SHUTDOWN, event);
            endIfToldAll();
            return farewell;
        }

        private void endIfToldAll() {
            if (ending && pending.isEmpty()) {
                farewell.complete(null);
            }
        }
    }

    private final Settings settings;
    private final Map<String, Extension> registered = new HashMap<>();

    Extensions(Settings settings) {
        this.settings = settings;
    }

    /** Takes an extension in and gives it its identifier. */
    String register(Set<String> events) {
        String id = UUID.randomUUID().toString();
        registered.put(id, new Extension(events));
        return id;
    }

    byte[] registration() {
        return Json.bytes(JSON.createObjectNode()
                .put("functionName", settings.function())
                .put("functionVersion", "$LATEST")
                .put("handler", settings.handler()));
    }

    /** Answers now or when there is something to tell; false if nobody is registered under this identifier. */
    boolean next(@Nullable String id, Consumer<byte[]> poll) {
        Extension extension = id == null ? null : registered.get(id);
        if (extension == null) {
            return false;
        }
        extension.next(poll);
        return true;
    }

    void invoked(Call call, Instant deadline) {
        if (registered.isEmpty()) {
            return;
        }
        ObjectNode event = JSON.createObjectNode()
                .put("eventType", INVOKE)
                .put("deadlineMs", deadline.toEpochMilli())
                .put("requestId", call.id().toString())
                .put("invokedFunctionArn", settings.arn());
        String trace = call.context().trace();
        if (trace != null) {
            event.putObject("tracing").put("type", "X-Amzn-Trace-Id").put("value", trace);
        }
        registered.values().forEach(extension -> extension.tell(INVOKE, Json.bytes(event)));
    }

    /** Tells all that want to know; done when each has taken the word, which it may come for until {@link #GRACE} is over. */
    CompletableFuture<Void> shutDown() {
        byte[] event = Json.bytes(JSON.createObjectNode()
                .put("eventType", SHUTDOWN)
                .put("shutdownReason", "spindown")
                .put("deadlineMs", Instant.now().plus(GRACE).toEpochMilli()));
        return CompletableFuture.allOf(registered.values().stream()
                .map(extension -> extension.end(event))
                .toArray(CompletableFuture[]::new));
    }
}
