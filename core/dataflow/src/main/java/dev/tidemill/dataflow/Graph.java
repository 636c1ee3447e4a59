package dev.tidemill.dataflow;

import dev.tidemill.api.Access;
import dev.tidemill.api.Dataset;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.Function;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who reads what whom writes, over all Datasets of a cluster. Resources are admitted from the oldest to the youngest, and one that
 * would close a ring, or write where another one writes or reads, is refused; so it is always the youngest that must give way, and
 * everything older goes on. Pure.
 */
public final class Graph {

    private final Map<Id, Node> admitted = new LinkedHashMap<>();
    private final Map<Id, Problem> problems = new LinkedHashMap<>();

    private Graph() {}

    public static Graph of(Collection<Node> nodes) {
        var graph = new Graph();
        nodes.stream()
                .sorted(Comparator.comparing(Node::created)
                        .thenComparing(node -> node.id.namespace)
                        .thenComparing(node -> node.id.name))
                .forEach(graph::admit);
        return graph;
    }

    /** Why a Dataset is refused, if it is. */
    public Optional<Problem> problem(Id id) {
        return Optional.ofNullable(problems.get(id));
    }

    /** The admitted Datasets that this one reads, by name or by prefix. */
    public Set<Id> parents(Id id) {
        Node node = admitted.get(id);
        return node == null ? Set.of() : parents(node);
    }

    /** All that this one is made from, however far away. */
    public Set<Id> ancestors(Id id) {
        var ancestors = new LinkedHashSet<Id>();
        Deque<Id> below = new ArrayDeque<>(List.of(id));
        while (!below.isEmpty()) {
            for (Id parent : parents(below.remove())) {
                if (ancestors.add(parent)) {
                    below.add(parent);
                }
            }
        }
        return ancestors;
    }

    /** The admitted Datasets that read this one. */
    public Set<Id> children(Id id) {
        var children = new LinkedHashSet<Id>();
        for (Node node : admitted.values()) {
            if (parents(node).contains(id)) {
                children.add(node.id);
            }
        }
        return children;
    }

    private void admit(Node node) {
        Optional<Problem> problem = Stream.of(
                        insideOwnInput(node), takenOutput(node), managedSource(node), writtenSource(node))
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> ring(node));
        if (problem.isPresent()) {
            problems.put(node.id, problem.get());
        } else {
            admitted.put(node.id, node);
        }
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
        for (Node other : admitted.values()) {
            if (node.output != null && other.output != null && node.output.overlaps(other.output)) {
                return Optional.of(new Problem(
                        "OutputTaken",
                        "output " + node.output + " overlaps the output of " + named(other, node)
                                + ", and each would remove what the other wrote: choose another output.prefix"));
            }
        }
        return Optional.empty();
    }

    private Optional<Problem> managedSource(Node node) {
        for (Node other : admitted.values()) {
            if (node.source != null && other.output != null && node.source.overlaps(other.output)) {
                return Optional.of(
                        new Problem(
                                "ManagedPrefix",
                                "the objects under " + node.source + " are written by " + named(other, node)
                                        + ", and a listing may show what is not committed: use from: {dataset: …} instead of source"));
            }
        }
        return Optional.empty();
    }

    private Optional<Problem> writtenSource(Node node) {
        for (Node other : admitted.values()) {
            if (node.output != null && other.source != null && node.output.overlaps(other.source)) {
                return Optional.of(new Problem(
                        node.inputs.contains(other.id) ? "OutputInsideInput" : "OutputInsideSource",
                        "output " + node.output + " overlaps the source of " + named(other, node)
                                + ": choose another output.prefix, or let that one use from: {dataset: …}"));
            }
        }
        return Optional.empty();
    }

    /** A way from the node along what reads it back to the node itself. */
    private Optional<Problem> ring(Node node) {
        Map<Id, Node> all = new LinkedHashMap<>(admitted);
        all.put(node.id, node);
        Deque<List<Node>> ways = new ArrayDeque<>(List.of(List.of(node)));
        Set<Id> seen = new HashSet<>();
        while (!ways.isEmpty()) {
            List<Node> way = ways.remove();
            for (Id parent : parents(way.getLast(), all)) {
                if (parent.equals(node.id)) {
                    return Optional.of(new Problem("Cycle", describe(way, node)));
                }
                if (seen.add(parent)) {
                    var longer = new ArrayList<>(way);
                    longer.add(Objects.requireNonNull(all.get(parent)));
                    ways.add(longer);
                }
            }
        }
        return Optional.empty();
    }

    private static String describe(List<Node> way, Node asked) {
        var names = new ArrayList<String>();
        way.forEach(node -> names.add(named(node, asked)));
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

    private Set<Id> parents(Node node) {
        return parents(node, admitted);
    }

    private static Set<Id> parents(Node node, Map<Id, Node> among) {
        var parents = new LinkedHashSet<Id>();
        node.inputs.stream().filter(among::containsKey).forEach(parents::add);
        for (Node other : among.values()) {
            if (other.outputs().anyMatch(output -> node.reads.stream().anyMatch(output::overlaps))) {
                parents.add(other.id);
            }
        }
        return parents;
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
