package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.dataflow.Graph.Id;
import dev.tidemill.dataflow.Graph.Node;
import dev.tidemill.dataflow.Graph.Place;
import dev.tidemill.dataflow.Graph.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class GraphTest {

    private static Id id(String name) {
        int slash = name.indexOf('/');
        return slash < 0 ? new Id("ns", name) : new Id(name.substring(0, slash), name.substring(slash + 1));
    }

    private static @Nullable Place place(@Nullable String prefix) {
        return prefix == null ? null : new Place("http://store", "lake", prefix);
    }

    private static Node node(String name, int age, @Nullable String source, @Nullable String output, String... inputs) {
        return new Node(
                id(name),
                Instant.ofEpochSecond(1_000 - age),
                Stream.of(inputs).map(GraphTest::id).collect(Collectors.toSet()),
                place(source),
                List.of(),
                place(output),
                List.of());
    }

    @Test
    void refusesTheYoungestThatClosesARingAndNamesTheRing() {
        Graph graph = Graph.of(
                List.of(node("a", 3, null, "a/", "c"), node("b", 2, null, "b/", "a"), node("c", 1, null, "c/", "b")));

        assertThat(graph.problem(id("a"))).isEmpty();
        assertThat(graph.problem(id("b"))).isEmpty();
        assertThat(graph.problem(id("c")))
                .contains(new Problem(
                        "Cycle",
                        "dataset c reads dataset b reads dataset a reads dataset c: a Dataset cannot be made from itself, so one of"
                                + " these must read something else"));
    }

    @Test
    void findsARingThroughPrefixesAndKeepsTheSecretsOfOtherNamespaces() {
        var reader = new Node(
                id("theirs/hidden"),
                Instant.ofEpochSecond(1),
                Set.of(),
                null,
                List.of(new Place("http://store", "lake", "mine/")),
                new Place("http://store", "lake", "hidden/"),
                List.of());
        var closing = new Node(
                id("mine"),
                Instant.ofEpochSecond(2),
                Set.of(),
                null,
                List.of(new Place("http://store", "lake", "hidden/x/")),
                new Place("http://store", "lake", "mine/"),
                List.of());

        assertThat(Graph.of(List.of(closing, reader))
                        .problem(id("mine"))
                        .orElseThrow()
                        .message())
                .startsWith("dataset mine reads a Dataset of another namespace reads dataset mine")
                .doesNotContain("hidden", "theirs");
    }

    @Test
    void refusesASourceOverAManagedPrefixAndTellsToUseFrom() {
        Graph graph = Graph.of(List.of(node("cleaned", 2, null, "cleaned/"), node("raw", 1, "cleaned/2026/", null)));

        assertThat(graph.problem(id("raw")))
                .contains(new Problem(
                        "ManagedPrefix",
                        "the objects under s3://lake/cleaned/2026/ are written by dataset cleaned, and a listing may show what is not"
                                + " committed: use from: {dataset: …} instead of source"));
    }

    @Test
    void refusesAnOutputInsideTheInput() {
        Graph graph =
                Graph.of(List.of(node("raw", 2, "lake/", null), node("cleaned", 1, null, "lake/cleaned/", "raw")));

        assertThat(graph.problem(id("cleaned")).map(Problem::reason)).contains("OutputInsideInput");
        assertThat(graph.problem(id("raw"))).isEmpty();
    }

    @Test
    void givesAnOutputPrefixToTheOlderOfTwo() {
        Graph graph = Graph.of(List.of(node("young", 1, null, "out/"), node("other/old", 2, null, "out/x/")));

        assertThat(graph.problem(id("other/old"))).isEmpty();
        assertThat(graph.problem(id("young")))
                .contains(new Problem(
                        "OutputTaken",
                        "output s3://lake/out/ overlaps the output of a Dataset of another namespace, and each would remove what the"
                                + " other wrote: choose another output.prefix"));
    }

    @Test
    void tellsPrefixesOfOtherStoresAndLookalikesApart() {
        var elsewhere = new Node(
                id("elsewhere"),
                Instant.EPOCH,
                Set.of(),
                null,
                List.of(),
                new Place("http://other", "lake", "out/"),
                List.of());

        Graph graph = Graph.of(
                List.of(elsewhere, node("a", 1, null, "out/"), node("b", 1, null, "out2/"), node("c", 1, "ou/", null)));

        assertThat(Stream.of("elsewhere", "a", "b", "c").map(name -> graph.problem(id(name))))
                .allMatch(problem -> problem.isEmpty());
    }

    @Test
    void knowsWhomACommitConcerns() {
        Graph graph = Graph.of(List.of(
                node("raw", 4, "raw/", null),
                node("left", 3, null, "left/", "raw"),
                node("right", 2, null, "right/", "raw"),
                node("both", 1, null, "both/", "left", "right", "missing")));

        assertThat(graph.children(id("raw"))).containsExactly(id("left"), id("right"));
        assertThat(graph.ancestors(id("both"))).containsExactlyInAnyOrder(id("left"), id("right"), id("raw"));
    }

    @RepeatedTest(100)
    void admitsExactlyWhatKeepsEveryRandomGraphFreeOfRings(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        int size = 2 + random.nextInt(12);
        var nodes = new ArrayList<Node>();
        for (int i = 0; i < size; i++) {
            String[] inputs = random.ints(random.nextInt(3), 0, size)
                    .mapToObj(input -> "d" + input)
                    .toArray(String[]::new);
            nodes.add(node("d" + i, size - i, null, "d" + i + "/", inputs));
        }
        var shuffled = new ArrayList<>(nodes);
        Collections.shuffle(shuffled, random);
        Graph graph = Graph.of(shuffled);

        // The specification: from the oldest on, each is admitted unless it then reaches itself.
        var admitted = new ArrayList<Node>();
        for (Node node : nodes) {
            admitted.add(node);
            boolean ring = reaches(node, node.id(), admitted, size);
            assertThat(graph.problem(node.id()).map(Problem::reason).orElse("")).isEqualTo(ring ? "Cycle" : "");
            if (ring) {
                admitted.remove(node);
            }
        }
        IntStream.range(0, size)
                .mapToObj(i -> id("d" + i))
                .forEach(id -> assertThat(graph.ancestors(id)).doesNotContain(id));
    }

    @RepeatedTest(200)
    void saysTheSameInWhateverOrderItHearsOfThem(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        var graph = Graph.of(List.of());
        Map<Id, Node> there = new TreeMap<>(Comparator.comparing(Id::toString));
        Map<Id, Optional<Problem>> told = new HashMap<>();
        for (int step = 0; step < 60; step++) {
            Id id = id("d" + random.nextInt(10));
            Set<Id> changed;
            if (random.nextInt(4) == 0) {
                changed = graph.remove(id);
                there.remove(id);
                told.remove(id);
            } else {
                Node node = randomNode(id, random);
                changed = graph.put(node);
                there.put(id, node);
                told.putIfAbsent(id, Optional.empty());
            }

            Graph afresh = Graph.of(there.values());

            for (Id each : there.keySet()) {
                assertThat(graph.problem(each)).isEqualTo(afresh.problem(each));
                assertThat(graph.ancestors(each)).isEqualTo(afresh.ancestors(each));
                assertThat(graph.children(each)).isEqualTo(afresh.children(each));
                if (!graph.problem(each).equals(told.put(each, graph.problem(each)))) {
                    assertThat(changed).contains(each);
                }
            }
        }
    }

    private static Node randomNode(Id id, Random random) {
        return new Node(
                id,
                Instant.ofEpochSecond(random.nextInt(5)),
                random.ints(random.nextInt(3), 0, 10)
                        .mapToObj(input -> id("d" + input))
                        .collect(Collectors.toSet()),
                random.nextInt(3) == 0 ? randomPlace(random) : null,
                random.nextInt(3) == 0 ? List.of(randomPlace(random)) : List.of(),
                random.nextBoolean() ? randomPlace(random) : null,
                random.nextInt(4) == 0 ? List.of(randomPlace(random)) : List.of());
    }

    private static Place randomPlace(Random random) {
        return new Place(
                "http://store",
                "lake",
                List.of("a/", "b/", "c/", "d/", "e/", "").get(random.nextInt(10) == 0 ? 5 : random.nextInt(5))
                        + List.of("", "x/", "y/", "x/y/").get(random.nextInt(4)));
    }

    private static boolean reaches(Node from, Id target, List<Node> among, int steps) {
        return steps >= 0
                && among.stream()
                        .filter(other -> from.inputs().contains(other.id()))
                        .anyMatch(other -> other.id().equals(target) || reaches(other, target, among, steps - 1));
    }
}
