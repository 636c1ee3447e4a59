package dev.tidemill.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a field means when it is left out; used by the compact constructors. */
final class Defaults {

    static final String STORE = ObjectStore.DEFAULT;
    static final int CONCURRENCY = 20;

    private Defaults() {}

    static <T> List<T> list(@Nullable List<T> given) {
        return given == null ? List.of() : List.copyOf(given);
    }

    /** A copy that keeps the order of the file. */
    static <V> Map<String, V> map(@Nullable Map<String, V> given) {
        return given == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(given));
    }

    /** {@code test-data} means the folder {@code test-data/}; the empty prefix is the whole bucket. */
    static String folder(@Nullable String prefix) {
        if (prefix == null || prefix.isEmpty() || prefix.endsWith("/")) {
            return prefix == null ? "" : prefix;
        }
        return prefix + "/";
    }
}
