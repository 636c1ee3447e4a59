package dev.tidemill.local;

import dev.tidemill.dataflow.Graph;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Functions and models that nobody can call, and why. Safe for concurrent use. */
final class Unusable {

    static final String FUNCTION = "function";
    static final String MODEL = "model";

    private final Map<Named, String> reasons = new ConcurrentHashMap<>();

    private record Named(String kind, Graph.Id id) {}

    void put(String kind, Graph.Id id, @Nullable String reason) {
        reasons.put(new Named(kind, id), String.valueOf(reason));
    }

    void remove(String kind, Graph.Id id) {
        reasons.remove(new Named(kind, id));
    }

    /** Null when there is nothing against it. */
    @Nullable
    String why(String kind, Graph.Id id) {
        return reasons.get(new Named(kind, id));
    }

    /** All of them, by {@code kind/name}. */
    Map<String, String> all() {
        Map<String, String> all = new TreeMap<>();
        reasons.forEach((named, reason) -> all.put(named.kind + "/" + named.id.name(), reason));
        return all;
    }
}
