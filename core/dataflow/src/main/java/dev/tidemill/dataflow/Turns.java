package dev.tidemill.dataflow;

import dev.tidemill.dataflow.Assignment.Cap;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whose slice is sent next, and with how many permits: namespaces in turn, and in each its Datasets in turn. Who cannot go because a
 * function has no permit left keeps its place: later ones may not take that function's permits away from it, and who was passed over
 * for longer than a whole round goes before everybody.
 */
final class Turns {

    private final Map<String, Long> namespaces = new HashMap<>();
    private final Map<Graph.Id, Long> datasets = new HashMap<>();
    private final Map<Graph.Id, Long> wantedSince = new HashMap<>();
    private long turn;

    /**
     * A Dataset that wants a slice.
     *
     * @param caps of the functions that its slice calls
     * @param atMost the Dataset's own maxConcurrency, or null
     */
    record Candidate(Graph.Id id, List<Cap> caps, @Nullable Integer atMost) {}

    /** Who goes, with how many permits. */
    record Grant(Candidate candidate, int share) {}

    /** The next to go, which is then thought to have gone. */
    Optional<Grant> next(Collection<Candidate> candidates, Permits permits) {
        candidates.forEach(candidate -> wantedSince.putIfAbsent(candidate.id, turn));
        long namespacesNow =
                candidates.stream().map(c -> c.id.namespace()).distinct().count();
        long round = candidates.size() * namespacesNow;
        Set<String> spokenFor = new HashSet<>();
        var order = Comparator.<Candidate>comparingLong(c -> overdue(c, round))
                .thenComparingLong(c -> namespaces.getOrDefault(c.id.namespace(), 0L))
                .thenComparingLong(c -> datasets.getOrDefault(c.id, 0L))
                .thenComparing(c -> c.id.namespace())
                .thenComparing(c -> c.id.name());
        // Nearly always the first may go, so the others need no order.
        var queue = new PriorityQueue<>(Math.max(1, candidates.size()), order);
        queue.addAll(candidates);
        for (Candidate candidate = queue.poll(); candidate != null; candidate = queue.poll()) {
            boolean free = permits.free(candidate.caps) > 0
                    && candidate.caps.stream().map(Cap::function).noneMatch(spokenFor::contains);
            if (free) {
                turn++;
                namespaces.put(candidate.id.namespace(), turn);
                datasets.put(candidate.id, turn);
                wantedSince.remove(candidate.id);
                return Optional.of(new Grant(candidate, share(candidate, candidates, permits)));
            }
            candidate.caps.forEach(cap -> spokenFor.add(cap.function()));
        }
        return Optional.empty();
    }

    void forget(Graph.Id id) {
        datasets.remove(id);
        wantedSince.remove(id);
    }

    /** The older the claim of one that a round went past, the lower; all others are equal. */
    private long overdue(Candidate candidate, long round) {
        long since = wantedSince.getOrDefault(candidate.id, turn);
        return turn - since > round ? since : Long.MAX_VALUE;
    }

    /** An even part of what is free, among all who want the same function now. */
    private static int share(Candidate candidate, Collection<Candidate> candidates, Permits permits) {
        int share = candidate.atMost == null ? Integer.MAX_VALUE : candidate.atMost;
        for (Cap cap : candidate.caps) {
            long rivals = candidates.stream()
                    .filter(other ->
                            other.caps.stream().anyMatch(c -> c.function().equals(cap.function())))
                    .count();
            share = Math.min(share, Math.ceilDiv(permits.free(List.of(cap)), Math.toIntExact(rivals)));
        }
        // Who calls nothing borrows nothing, and a slice's share is one or more.
        return share == Integer.MAX_VALUE ? 1 : share;
    }
}
