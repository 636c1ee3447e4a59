package dev.tidemill.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Conditions.Verdict;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionsTest {

    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOON, ZoneOffset.UTC);
    private static final Clock LATER = Clock.offset(CLOCK, Duration.ofMinutes(1));

    @Test
    void readyTakesTheFirstThatIsFalseBeforeTheFirstThatIsUnknown() {
        var conditions = Conditions.of(CLOCK, 3L, List.of())
                .requires(Verdict.yes("Granted", "Granted"))
                .requires(Verdict.unknown("ParentReady", "Waiting", "not seen yet"))
                .requires(Verdict.no("StoreReady", "StoreMissing", "create it"))
                .notes(Verdict.yes("Progressing", "Dispatching"))
                .derive();
        assertThat(conditions)
                .extracting(Condition::type, Condition::status, Condition::reason)
                .contains(
                        tuple("Ready", Status.False, "StoreMissing"), tuple("ParentReady", Status.Unknown, "Waiting"));
        assertThat(conditions.getFirst().message()).isEqualTo("create it");
        assertThat(conditions.getFirst().observedGeneration()).isEqualTo(3);
    }

    @Test
    void workInProgressLeavesReady() {
        var conditions = Conditions.of(CLOCK, 1L, List.of())
                .requires(Verdict.yes("Committed", "Committed"))
                .notes(Verdict.no("Degraded", "AllIsWell", ""))
                .derive();
        assertThat(conditions.getFirst().holds()).isTrue();
        assertThat(conditions.getFirst().reason()).isEqualTo("Committed");
    }

    @Test
    void theTransitionTimeIsKeptUntilTheStatusChanges() {
        var before = ready(CLOCK, List.of(), Verdict.no("Committed", "Waiting", "a"));
        var sameStatus = ready(LATER, before, Verdict.no("Committed", "Failed", "b"));
        assertThat(sameStatus.getFirst().lastTransitionTime()).isEqualTo(NOON);
        assertThat(sameStatus.getFirst().reason()).isEqualTo("Failed");
        var changed = ready(LATER, before, Verdict.yes("Committed", "Committed"));
        assertThat(changed.getFirst().lastTransitionTime()).isEqualTo(NOON.plusSeconds(60));
    }

    @Test
    void whatHasNotChangedIsTheSameSoThatNothingIsWritten() {
        var verdict = Verdict.no("Committed", "Failed", "why ".repeat(1000));
        var before = ready(CLOCK, List.of(), verdict);
        assertThat(ready(LATER, before, verdict)).isEqualTo(before);
    }

    @Test
    void readySaysTheGenerationThatServesWhileTheNextOneIsNotThere() {
        var before = ready(CLOCK, List.of(), Verdict.yes("Deployed", "Serving"));
        var serving = Conditions.of(LATER, 2L, before)
                .requires(Verdict.yes("Accepted", "Granted"))
                .keeps(Verdict.yes("Deployed", "Serving"));
        assertThat(serving.derive())
                .extracting(Condition::type, Condition::status, Condition::observedGeneration)
                .containsExactly(
                        tuple("Ready", Status.True, 1L),
                        tuple("Accepted", Status.True, 2L),
                        tuple("Deployed", Status.True, 1L));
        var refused = serving.requires(Verdict.no("Events", "BrokerMissing", "create it"))
                .derive();
        assertThat(refused.getFirst().status()).isEqualTo(Status.False);
        assertThat(refused.getFirst().observedGeneration())
                .as("what is wrong is wrong with the present one")
                .isEqualTo(2);
    }

    private static List<Condition> ready(Clock clock, List<Condition> before, Verdict verdict) {
        return Conditions.of(clock, 1L, before).requires(verdict).derive();
    }
}
