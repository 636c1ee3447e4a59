package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.dataflow.Assignment.Cap;
import dev.tidemill.dataflow.Graph.Id;
import dev.tidemill.dataflow.Permits.Loan;
import dev.tidemill.dataflow.Turns.Candidate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TurnsTest {

    private final Permits permits = new Permits();
    private final Turns turns = new Turns();

    private static Candidate candidate(String namespace, String name, Cap... caps) {
        return new Candidate(new Id(namespace, name), List.of(caps), null);
    }

    @Test
    void goesRoundTheNamespacesHoweverManyDatasetsOneHas() {
        var cap = new Cap("f", 100);
        var candidates = new ArrayList<Candidate>();
        for (int i = 0; i < 50; i++) {
            candidates.add(candidate("big", "d" + i, cap));
        }
        candidates.add(candidate("small", "only", cap));

        var order = new ArrayList<String>();
        for (int i = 0; i < 6; i++) {
            order.add(turns.next(candidates, permits)
                    .orElseThrow()
                    .candidate()
                    .id()
                    .toString());
        }

        assertThat(order).containsExactly("big/d0", "small/only", "big/d1", "small/only", "big/d10", "small/only");
    }

    @Test
    void dividesAFunctionAmongThoseWhoWantItAndNarrowsByTheDatasetsOwn() {
        var cap = new Cap("f", 20);
        var narrow = new Candidate(new Id("a", "narrow"), List.of(cap), 3);
        var wide = candidate("b", "wide", cap);

        assertThat(turns.next(List.of(narrow, wide), permits).orElseThrow().share())
                .isEqualTo(3);
        permits.lend(List.of(cap), 3);
        assertThat(turns.next(List.of(wide), permits).orElseThrow().share()).isEqualTo(17);
    }

    @Test
    void letsWhoCallsNoFunctionGoWithoutPermits() {
        Candidate inventory = candidate("a", "raw");

        assertThat(turns.next(List.of(inventory), permits).orElseThrow().share())
                .isEqualTo(1);
    }

    @Test
    void keepsThePlaceOfWhoNeedsTwoFunctions() {
        var f = new Cap("f", 1);
        var g = new Cap("g", 1);
        Candidate both = candidate("a", "both", f, g);
        Candidate onlyG = candidate("b", "g", g);
        Loan busy = permits.lend(List.of(f), 1);

        assertThat(turns.next(List.of(both, onlyG), permits))
                .as("g is kept for who was first")
                .isEmpty();
        permits.giveBack(busy);
        assertThat(turns.next(List.of(both, onlyG), permits).orElseThrow().candidate())
                .isEqualTo(both);
    }

    @RepeatedTest(50)
    void neverLendsMoreThanTheCapAndStarvesNobody(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        List<Cap> caps =
                List.of(new Cap("f", 1 + random.nextInt(5)), new Cap("g", 1 + random.nextInt(5)), new Cap("h", 1));
        var candidates = new ArrayList<Candidate>();
        for (int i = 0; i < 12; i++) {
            List<Cap> wanted = new ArrayList<>(caps);
            while (wanted.size() > 1 && random.nextBoolean()) {
                wanted.remove(random.nextInt(wanted.size()));
            }
            candidates.add(new Candidate(new Id("n" + random.nextInt(4), "d" + i), wanted, null));
        }
        Map<Id, Integer> served = new HashMap<>();
        Deque<Loan> running = new ArrayDeque<>();
        for (int step = 0; step < 2_000; step++) {
            var grant = turns.next(candidates, permits);
            if (grant.isPresent()) {
                Candidate who = grant.get().candidate();
                served.merge(who.id(), 1, Integer::sum);
                running.add(permits.lend(who.caps(), grant.get().share()));
            } else {
                permits.giveBack(running.remove());
            }
            for (Cap cap : caps) {
                int lent = running.stream()
                        .filter(loan -> loan.functions().contains(cap.function()))
                        .mapToInt(Loan::share)
                        .sum();
                assertThat(lent).isLessThanOrEqualTo(cap.atMost());
            }
        }
        assertThat(served)
                .hasSize(12)
                .allSatisfy((_, times) -> assertThat(times).isGreaterThan(10));
    }
}
