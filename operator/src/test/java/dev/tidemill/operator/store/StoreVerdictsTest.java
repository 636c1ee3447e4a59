package dev.tidemill.operator.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.ObjectStoreStatus;
import dev.tidemill.store.StoreException;
import dev.tidemill.store.StoreProbe;
import dev.tidemill.store.StoreProbe.Ability;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class StoreVerdictsTest {

    private static final Instant THEN = Instant.parse("2026-11-22T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(THEN, ZoneOffset.UTC);
    private static final Ability HOLDS = new Ability(true, "one winner");

    private static StoreFinding measured(Ability replace) {
        return new StoreFinding.Measured(
                new StoreProbe.Result(HOLDS, replace), Verdict.yes(StoreFinding.SCOPED, "Minted"));
    }

    @Test
    void aStoreThatLosesARaceIsNotReadyAndSaysWhichOne() {
        var status = StoreVerdicts.status(
                CLOCK, 1, null, measured(new Ability(false, "If-Match does not hold: 3 of 16 writers")), THEN, null);

        var ready = status.conditions().getFirst();
        assertThat(ready.type()).isEqualTo(Condition.READY);
        assertThat(ready.status()).isEqualTo(Status.False);
        assertThat(ready.reason()).isEqualTo("StoreCannotCommit");
        assertThat(ready.message()).startsWith("If-Match does not hold");
    }

    @Test
    void aStoreThatCannotMintIsReadyAllTheSame() {
        var finding = new StoreFinding.Measured(
                new StoreProbe.Result(HOLDS, HOLDS), Verdict.no(StoreFinding.SCOPED, "Generic", "brings its own"));

        var conditions =
                StoreVerdicts.status(CLOCK, 1, null, finding, THEN, null).conditions();
        assertThat(conditions.getFirst().status()).isEqualTo(Status.True);
        assertThat(conditions).anyMatch(condition -> condition.reason().equals("Generic"));
    }

    @Test
    void anOutageKeepsTheTimeOfTheLastMeasurementAndNamesItsRemedy() {
        var before = StoreVerdicts.status(CLOCK, 1, null, measured(HOLDS), THEN, null);
        var outage = StoreFinding.Unusable.because(
                new StoreException.Unavailable("connection refused", new java.io.IOException()), "objectstore/default");

        var status = StoreVerdicts.status(
                Clock.offset(CLOCK, Duration.ofHours(1)), 1, before, outage, THEN.plusSeconds(3600), null);

        assertThat(status.probedAt()).isEqualTo(THEN);
        assertThat(status.conditions().getFirst().reason()).isEqualTo("Unreachable");
        assertThat(status.conditions().getFirst().message()).contains("tried again on its own");
    }

    @Test
    void theSameFindingAgainIsTheSameStatus() {
        ObjectStoreStatus first = StoreVerdicts.status(CLOCK, 1, null, measured(HOLDS), THEN, null);

        assertThat(StoreVerdicts.status(
                        Clock.offset(CLOCK, Duration.ofHours(1)), 1, first, measured(HOLDS), THEN, null))
                .isEqualTo(first);
    }
}
