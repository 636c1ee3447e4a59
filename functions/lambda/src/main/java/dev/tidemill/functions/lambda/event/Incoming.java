package dev.tidemill.functions.lambda.event;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A request, as far as a handler can be told of it. */
public sealed interface Incoming {

    byte[] data();

    /**
     * What the handler's context calls {@code aws_request_id}. As with AWS' own asynchronous calls it is the same each time that an
     * event is delivered again.
     */
    UUID requestId();

    /**
     * A CloudEvent 1.0.
     *
     * @param time as it came, or null
     * @param contentType of the data, or null where the event did not say
     * @param extensions by name, without the attributes that have a component of their own
     */
    record CloudEvent(
            String id,
            String source,
            String type,
            @Nullable String subject,
            @Nullable String time,
            @Nullable String contentType,
            Map<String, String> extensions,
            byte[] data)
            implements Incoming {

        @Override
        public UUID requestId() {
            return UUID.nameUUIDFromBytes((source + '\n' + id).getBytes(StandardCharsets.UTF_8));
        }
    }

    /**
     * A plain HTTP request.
     *
     * @param path as it came, escapes and all
     * @param query without the question mark; empty where there is none
     * @param headers in their order, a name as often as it came
     * @param peer the caller's address
     */
    record Http(
            UUID requestId,
            String method,
            String path,
            String query,
            String protocol,
            List<Map.Entry<String, String>> headers,
            String peer,
            byte[] data)
            implements Incoming {

        public @Nullable String header(String name) {
            return headers.stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(null);
        }
    }
}
