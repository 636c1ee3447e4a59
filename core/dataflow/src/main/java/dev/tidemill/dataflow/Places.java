package dev.tidemill.dataflow;

import dev.tidemill.dataflow.Graph.Node;
import dev.tidemill.dataflow.Graph.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Datasets by a place of theirs, so that those that share it are found without a look at all. */
final class Places {

    private final Map<Bucket, NavigableMap<String, Set<Node>>> byPrefix = new HashMap<>();

    private record Bucket(String endpoint, String bucket) {
        static Bucket of(Place place) {
            return new Bucket(place.endpoint(), place.bucket());
        }
    }

    void add(Place place, Node node) {
        byPrefix.computeIfAbsent(Bucket.of(place), _ -> new TreeMap<>())
                .computeIfAbsent(place.prefix(), _ -> new LinkedHashSet<>())
                .add(node);
    }

    void remove(Place place, Node node) {
        byPrefix.computeIfPresent(Bucket.of(place), (_, prefixes) -> {
            prefixes.computeIfPresent(place.prefix(), (_, there) -> {
                there.remove(node);
                return there.isEmpty() ? null : there;
            });
            return prefixes.isEmpty() ? null : prefixes;
        });
    }

    void clear() {
        byPrefix.clear();
    }

    /** Those in a folder above it, at the place itself, and below it. */
    Stream<Node> overlapping(Place place) {
        NavigableMap<String, Set<Node>> prefixes = byPrefix.get(Bucket.of(place));
        if (prefixes == null) {
            return Stream.empty();
        }
        String prefix = place.prefix();
        List<Set<Node>> found = new ArrayList<>();
        for (int end = prefix.lastIndexOf('/', prefix.length() - 2); end >= 0; end = prefix.lastIndexOf('/', end - 1)) {
            found.add(prefixes.getOrDefault(prefix.substring(0, end + 1), Set.of()));
        }
        if (!prefix.isEmpty()) {
            found.add(prefixes.getOrDefault("", Set.of()));
        }
        prefixes.tailMap(prefix, true).entrySet().stream()
                .takeWhile(entry -> entry.getKey().startsWith(prefix))
                .forEach(entry -> found.add(entry.getValue()));
        return found.stream().flatMap(Set::stream).distinct();
    }
}
