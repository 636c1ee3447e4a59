package dev.tidemill.operator.events;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Which resource declared, and was granted, which prefix of which store: from this follows whom a store's event concerns, and what a
 * store has to notify about. Kept by the reconcilers; safe for concurrent use.
 */
public final class Declarations {

    private final Map<Resource, Set<Prefix>> prefixes = new HashMap<>();
    private final Map<Prefix, Set<Resource>> resources = new HashMap<>();
    private volatile Consumer<String> storeChanged = _ -> {};

    /** What kinds declare prefixes. */
    public enum Kind {
        Dataset,
        Function,
        Model
    }

    /** A resource. */
    public record Resource(Kind kind, String namespace, String name) {}

    /**
     * A folder in a store, or one object.
     *
     * @param prefix empty for the whole bucket; ends with {@code /} for a folder, else it is a key
     */
    public record Prefix(String store, String bucket, String prefix) {}

    /** Calls back with the name of a store whose set of prefixes has changed. */
    public void onChange(Consumer<String> listener) {
        storeChanged = listener;
    }

    /** What the resource declares, in place of what it declared before. */
    public void declare(Resource resource, Collection<Prefix> declared) {
        var changed = new HashSet<String>();
        synchronized (this) {
            var before = declared.isEmpty() ? prefixes.remove(resource) : prefixes.put(resource, Set.copyOf(declared));
            var gone = new HashSet<>(before == null ? Set.of() : before);
            gone.removeAll(declared);
            for (var prefix : gone) {
                var left = resources.get(prefix);
                if (left != null && left.remove(resource) && left.isEmpty()) {
                    resources.remove(prefix);
                    changed.add(prefix.store);
                }
            }
            for (var prefix : declared) {
                if (resources
                                .computeIfAbsent(prefix, _ -> new LinkedHashSet<>())
                                .add(resource)
                        && resources.get(prefix).size() == 1) {
                    changed.add(prefix.store);
                }
            }
        }
        changed.forEach(storeChanged);
    }

    public void withdraw(Resource resource) {
        declare(resource, List.of());
    }

    /** Whose prefix holds the key. As deep as the key, however many prefixes there are. */
    public synchronized Set<Resource> holding(String store, String bucket, String key) {
        var found = new LinkedHashSet<Resource>();
        for (var end = 0; end >= 0; end = key.indexOf('/', end) < 0 ? -1 : key.indexOf('/', end) + 1) {
            found.addAll(resources.getOrDefault(new Prefix(store, bucket, key.substring(0, end)), Set.of()));
        }
        found.addAll(resources.getOrDefault(new Prefix(store, bucket, key), Set.of()));
        return found;
    }

    /** What the resources of a namespace declare. */
    public synchronized Map<Resource, Set<Prefix>> of(String namespace) {
        var found = new HashMap<Resource, Set<Prefix>>();
        prefixes.forEach((resource, declared) -> {
            if (resource.namespace.equals(namespace)) {
                found.put(resource, declared);
            }
        });
        return found;
    }

    /** By bucket, the prefixes of a store that cover all others, in order. */
    public synchronized Map<String, List<String>> covering(String store) {
        var buckets = new HashMap<String, TreeSet<String>>();
        resources.keySet().stream()
                .filter(prefix -> prefix.store.equals(store))
                .forEach(prefix -> buckets.computeIfAbsent(prefix.bucket, _ -> new TreeSet<>())
                        .add(prefix.prefix));
        var covering = new HashMap<String, List<String>>();
        buckets.forEach((bucket, all) -> covering.put(bucket, withoutCovered(all)));
        return covering;
    }

    /** What begins with another one directly follows it, or others that do. */
    private static List<String> withoutCovered(TreeSet<String> sorted) {
        var kept = new ArrayList<String>();
        for (var prefix : sorted) {
            if (kept.isEmpty() || !prefix.startsWith(kept.getLast())) {
                kept.add(prefix);
            }
        }
        return kept;
    }
}
