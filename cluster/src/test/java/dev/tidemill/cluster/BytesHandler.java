package dev.tidemill.cluster;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;

/** A user's Lambda handler: adds up the bytes of a shard's objects, and what it has found of shards. */
public final class BytesHandler {

    /** An event is a shard's, with objects in its bindings, or the parts of many. */
    public Map<String, Long> handle(Map<String, Object> event) {
        return Map.of("bytes", event.get("parts") instanceof List<?> parts ? sum(parts, "bytes") : ofShard(event));
    }

    private static long ofShard(Map<String, Object> event) {
        var bindings = (Map<?, ?>) requireNonNull(event.get("function_data"));
        return bindings.values().stream()
                .mapToLong(binding ->
                        ((Map<?, ?>) binding).get("objects") instanceof List<?> objects ? sum(objects, "size") : 0)
                .sum();
    }

    private static long sum(List<?> all, String field) {
        return all.stream()
                .mapToLong(each -> ((Number) requireNonNull(((Map<?, ?>) each).get(field))).longValue())
                .sum();
    }
}
