package dev.tidemill.dataflow;

import dev.tidemill.api.Access;
import dev.tidemill.api.Dataset;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.Function;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who reads what whom writes, over all Datasets of a cluster. Resources are admitted from the oldest to the youngest, and one that
 * would close a ring, or write where another one writes or reads, is refused; so it is always the youngest that must give way, and
 * everything older goes on. What it says depends on the Datasets alone, not on the order in which it heard of them.
 */
public final class Graph {

    private static final Comparator<Node> BY_AGE = Comparator.comparing(Node::created)
            .thenComparing(node -> node.id.namespace)
            .thenComparing(node -> node.id.name);

    private final Map<Id, Node> nodes = new HashMap<>();
    private final Map<Id, Problem> problems = new HashMap<>();

    // Of the admitted:
    private final Map<Id, Set<Id>> parents = new HashMap<>();
    private final Map<Id, Set<Id>> children = new HashMap<>();
    private final Map<Id, Set<Id>> named = new HashMap<>();
    private final Places sources = new Places();
    private final Places reads = new Places();
    private final Places outputs = new Places();
    private final Places writes = new Places();

    public static Graph of(Collection<Node> nodes) {
        var graph = new Graph();
        nodes.forEach(node -> graph.nodes.put(node.id, node));
        graph.rebuild();
        return graph;
    }

    /**
     * A new or changed Dataset.
     *
     * @return the Dataset itself, and all others that are refused now and were not, or the other way round, or for another reason
     */
    public Set<Id> put(Node node) {
        Node before = nodes.get(node.id);
        if (node.equals(before)) {
            return Set.of();
        }
        Set<Id> changed = new HashSet<>(before == null ? Set.of() : remove(node.id));
        changed.add(node.id);
        nodes.put(node.id, node);
        if (admit(node) && problems.isEmpty()) {
            // It touches none of the others, so that none would have had to give way to it, in whatever order they
            // came.
            return changed;
        }
        if (nodes.values().stream().anyMatch(other -> BY_AGE.compare(node, other) < 0)) {
            changed.addAll(rebuild());
        }
        return changed;
    }

    /** A Dataset that is no more; returns the others, as {@link #put} does. */
    public Set<Id> remove(Id id) {
        Node node = nodes.remove(id);
        if (node == null || problems.remove(id) != null) {
            return Set.of();
        }
        withdraw(node);
        return problems.isEmpty() ? Set.of() : rebuild();
    }

    /** Why a Dataset is refused, if it is. */
    public Optional<Problem> problem(Id id) {
        return Optional.ofNullable(problems.get(id));
    }

    /** All that this one is made from, however far away. */
    public Set<Id> ancestors(Id id) {
        var ancestors = new LinkedHashSet<Id>();
        Deque<Id> below = new ArrayDeque<>(List.of(id));
        while (!below.isEmpty()) {
            for (Id parent : parents.getOrDefault(below.remove(), Set.of())) {
                if (ancestors.add(parent)) {
                    below.add(parent);
                }
            }
        }
        return ancestors;
    }

    /** The admitted Datasets that read this one. */
    public Set<Id> children(Id id) {
        return Collections.unmodifiableSet(children.getOrDefault(id, Set.of()));
    }

    private Set<Id> rebuild() {
        Map<Id, Problem> before = Map.copyOf(problems);
        problems.clear();
        Stream.of(parents, children, named).forEach(Map::clear);
        Stream.of(sources, reads, outputs, writes).forEach(Places::clear);
        nodes.values().stream().sorted(BY_AGE).forEach(this::admit);
        return Stream.concat(before.keySet().stream(), problems.keySet().stream())
                .filter(id -> !Objects.equals(before.get(id), problems.get(id)))
                .collect(Collectors.toSet());
    }

    private boolean admit(Node node) {
        Set<Id> above = parentsOf(node);
        Set<Id> below = childrenOf(node);
        Optional<Problem> problem = Stream.of(
                        insideOwnInput(node), takenOutput(node), managedSource(node), writtenSource(node))
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> ring(node, above, below));
        if (problem.isPresent()) {
            problems.put(node.id, problem.get());
            return false;
        }
        parents.put(node.id, above);
        children.put(node.id, below);
        above.forEach(id -> linked(children, id).add(node.id));
        below.forEach(id -> linked(parents, id).add(node.id));
        node.inputs.forEach(input -> linked(named, input).add(node.id));
        places(node, Places::add);
        return true;
    }

    private void withdraw(Node node) {
        Set<Id> above = Objects.requireNonNull(parents.remove(node.id));
        Set<Id> below = Objects.requireNonNull(children.remove(node.id));
        above.forEach(id -> linked(children, id).remove(node.id));
        below.forEach(id -> linked(parents, id).remove(node.id));
        node.inputs.forEach(input -> linked(named, input).remove(node.id));
        places(node, Places::remove);
    }

    private static Set<Id> linked(Map<Id, Set<Id>> links, Id id) {
        return links.computeIfAbsent(id, _ -> new LinkedHashSet<>());
    }

    /** What is done to an index for each place of a node. */
    private interface Filing {
        void at(Places index, Place place, Node node);
    }

    private void places(Node node, Filing filing) {
        if (node.source != null) {
            filing.at(sources, node.source, node);
        }
        if (node.output != null) {
            filing.at(outputs, node.output, node);
        }
        node.reads.forEach(place -> filing.at(reads, place, node));
        node.outputs().forEach(place -> filing.at(writes, place, node));
    }

    private Set<Id> parentsOf(Node node) {
        var above = new LinkedHashSet<Id>();
        node.inputs.stream().filter(parents::containsKey).forEach(above::add);
        node.reads.stream().flatMap(writes::overlapping).map(Node::id).forEach(above::add);
        return above;
    }

    private Set<Id> childrenOf(Node node) {
        var below = new LinkedHashSet<>(named.getOrDefault(node.id, Set.of()));
        node.outputs().flatMap(reads::overlapping).map(Node::id).forEach(below::add);
        return below;
    }

    private static Optional<Problem> insideOwnInput(Node node) {
        return node.outputs()
                .filter(output -> node.reads.stream().anyMatch(output::overlaps))
                .findFirst()
                .map(output -> new Problem(
                        "OutputInsideInput",
                        "output " + output + " overlaps a prefix that the Dataset itself reads, so that each run would"
                                + " make new input: choose another output.prefix"));
    }

    private Optional<Problem> takenOutput(Node node) {
        return first(outputs, node.output)
                .map(other -> new Problem(
                        "OutputTaken",
                        "output " + node.output + " overlaps the output of " + named(other, node)
                                + ", and each would remove what the other wrote: choose another output.prefix"));
    }

    private Optional<Problem> managedSource(Node node) {
        return first(outputs, node.source)
                .map(
                        other -> new Problem(
                                "ManagedPrefix",
                                "the objects under " + node.source + " are written by " + named(other, node)
                                        + ", and a listing may show what is not committed: use from: {dataset: …} instead of source"));
    }

    private Optional<Problem> writtenSource(Node node) {
        return first(sources, node.output)
                .map(other -> new Problem(
                        node.inputs.contains(other.id) ? "OutputInsideInput" : "OutputInsideSource",
                        "output " + node.output + " overlaps the source of " + named(other, node)
                                + ": choose another output.prefix, or let that one use from: {dataset: …}"));
    }

    /** The oldest one there. */
    private static Optional<Node> first(Places index, @Nullable Place place) {
        return place == null ? Optional.empty() : index.overlapping(place).min(BY_AGE);
    }

    /** A way from the node along what reads it back to the node itself. */
    private Optional<Problem> ring(Node node, Set<Id> above, Set<Id> below) {
        Deque<List<Id>> ways = new ArrayDeque<>(List.of(List.of(node.id)));
        Set<Id> seen = new HashSet<>();
        while (!ways.isEmpty()) {
            List<Id> way = ways.remove();
            Id end = way.getLast();
            if (below.contains(end) || end.equals(node.id) && node.inputs.contains(node.id)) {
                return Optional.of(new Problem("Cycle", describe(way, node)));
            }
            for (Id parent : end.equals(node.id) ? above : parents.getOrDefault(end, Set.of())) {
                if (seen.add(parent)) {
                    var longer = new ArrayList<>(way);
                    longer.add(parent);
                    ways.add(longer);
                }
            }
        }
        return Optional.empty();
    }

    private String describe(List<Id> way, Node asked) {
        var names = new ArrayList<String>();
        way.forEach(id -> names.add(named(Objects.requireNonNull(nodes.get(id)), asked)));
        names.add(named(asked, asked));
        return String.join(" reads ", names)
                + ": a Dataset cannot be made from itself, so one of these must read something else";
    }

    /** By name within the namespace; what its author may not see stays without one. */
    private static String named(Node node, Node asked) {
        return node.id.namespace.equals(asked.id.namespace)
                ? "dataset " + node.id.name
                : "a Dataset of another namespace";
    }

    /** A Dataset by name. */
    public record Id(String namespace, String name) {
        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }

    /**
     * A prefix in a store.
     *
     * @param endpoint what tells one store from another
     * @param prefix empty or ending with {@code /}
     */
    public record Place(String endpoint, String bucket, String prefix) {
        boolean overlaps(Place other) {
            return endpoint.equals(other.endpoint)
                    && bucket.equals(other.bucket)
                    && (prefix.startsWith(other.prefix) || other.prefix.startsWith(prefix));
        }

        @Override
        public String toString() {
            return "s3://" + bucket + "/" + prefix;
        }
    }

    /**
     * A Dataset as the graph sees it.
     *
     * @param inputs Datasets that it reads by name: its parent and the side inputs of its function
     * @param source what it lists, or null
     * @param reads prefixes that its functions read
     * @param output where it writes, or null
     * @param writes prefixes that its functions may write beside the output; ReadWrite counts as this
     */
    public record Node(
            Id id,
            Instant created,
            Set<Id> inputs,
            @Nullable Place source,
            List<Place> reads,
            @Nullable Place output,
            List<Place> writes) {

        public Node {
            inputs = Set.copyOf(inputs);
            reads = List.copyOf(reads);
            writes = List.copyOf(writes);
        }

        /**
         * @param functions those that the Dataset names
         * @param endpoints the endpoint of each ObjectStore by name
         */
        public static Node of(
                String namespace, Dataset dataset, List<Function> functions, Map<String, String> endpoints) {
            DatasetSpec spec = dataset.spec();
            var inputs = new LinkedHashSet<Id>();
            var reads = new ArrayList<Place>();
            var writes = new ArrayList<Place>();
            if (spec.from() != null) {
                inputs.add(new Id(namespace, spec.from().dataset()));
            }
            for (Function function : functions) {
                for (var binding : function.spec().data()) {
                    if (binding.dataset() != null) {
                        inputs.add(new Id(namespace, binding.dataset()));
                    }
                    if (binding.bucket() != null) {
                        String prefix = Objects.requireNonNullElse(binding.s3Prefix(), "");
                        String store = Objects.requireNonNullElse(binding.store(), spec.store());
                        Place place = new Place(endpoint(endpoints, store), binding.bucket(), prefix);
                        (binding.access() == Access.Read ? reads : writes).add(place);
                    }
                }
            }
            String endpoint = endpoint(endpoints, spec.store());
            return new Node(
                    new Id(namespace, dataset.metadata().name()),
                    Objects.requireNonNullElse(dataset.metadata().creationTimestamp(), Instant.EPOCH),
                    inputs,
                    spec.source() == null
                            ? null
                            : new Place(
                                    endpoint,
                                    spec.source().bucket(),
                                    spec.source().prefix()),
                    reads,
                    spec.output() == null
                            ? null
                            : new Place(
                                    endpoint,
                                    spec.output().bucket(),
                                    spec.output().prefix()),
                    writes);
        }

        private static String endpoint(Map<String, String> endpoints, String store) {
            return endpoints.getOrDefault(store, store);
        }

        private Stream<Place> outputs() {
            return Stream.concat(Stream.ofNullable(output), writes.stream());
        }
    }

    /** Why a Dataset is refused: a condition's reason and message. */
    public record Problem(String reason, String message) {}
}
