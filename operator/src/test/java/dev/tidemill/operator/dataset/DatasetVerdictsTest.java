package dev.tidemill.operator.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Conditions;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class DatasetVerdictsTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC);
    private static final Verdict STORE_AWAY =
            Verdict.unknown(DatasetDecision.ACCEPTED, "StoreNotReady", "look at the store");

    private static DatasetResource committed(long committedGeneration, long generation) {
        var dataset = new DatasetResource();
        dataset.setMetadata(new ObjectMetaBuilder()
                .withName("it")
                .withNamespace("team-a")
                .withGeneration(generation)
                .build());
        var conditions = Conditions.of(CLOCK, committedGeneration, List.of())
                .requires(Verdict.yes("Committed", "Committed"))
                .derive();
        dataset.setStatus(DatasetStatus.empty()
                .with()
                .observed(committedGeneration, conditions)
                .committed(3L, CLOCK.instant(), "s3://tidemill/m")
                .build());
        return dataset;
    }

    @Test
    void whatIsCommittedStaysReadyWhileTheStoreIsAway() {
        var status = DatasetVerdicts.waiting(CLOCK, committed(1, 1), STORE_AWAY);

        assertThat(status.conditions().getFirst().status()).isEqualTo(Status.True);
        assertThat(status.conditions())
                .anyMatch(condition -> condition.type().equals(Condition.DEGRADED)
                        && condition.holds()
                        && condition.reason().equals("StoreNotReady"));
        assertThat(status.revision()).isEqualTo(3);
    }

    @Test
    void aNewGenerationIsNotReadyThoughAnOlderOneIsCommitted() {
        var status = DatasetVerdicts.waiting(CLOCK, committed(1, 2), STORE_AWAY);

        assertThat(status.conditions().getFirst().status()).isEqualTo(Status.Unknown);
        assertThat(status.observedGeneration()).isEqualTo(2);
    }

    @Test
    void aRefusalIsNotReadyAndKeepsWhatIsKnown() {
        var status = DatasetVerdicts.refused(
                CLOCK, committed(1, 1), Verdict.no(DatasetDecision.ACCEPTED, "NotGranted", "ask for it"));

        assertThat(status.conditions().getFirst().reason()).isEqualTo("NotGranted");
        assertThat(status.manifest()).isEqualTo("s3://tidemill/m");
    }
}
