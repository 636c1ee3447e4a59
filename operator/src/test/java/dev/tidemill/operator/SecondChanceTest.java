package dev.tidemill.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.operator.serving.KnativeCase;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.RevisionBuilder;
import io.fabric8.knative.serving.v1.RevisionStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SecondChanceTest {

    private static final Instant BEGAN = Instant.parse("2026-11-23T03:00:00Z");

    @Test
    void isGivenToWhatKnativeHasGivenUpAndToNothingElse() {
        var due = cases().stream()
                .flatMap(said -> said.revisions().entrySet().stream()
                        .filter(one -> SecondChance.isDue(revision(one.getValue()), BEGAN.plus(Duration.ofDays(1))))
                        .map(one -> said.title() + ": " + one.getKey()));

        assertThat(due).containsExactly("the second revision has waited for too long: it-name-00002");
    }

    @Test
    void comesTenMinutesLaterToWhatHasOnlyWaited() {
        assertThat(Stream.of(599, 600).map(seconds -> SecondChance.isDue(waited(), BEGAN.plusSeconds(seconds))))
                .containsExactly(false, true);
    }

    @Test
    void comesAnHourLaterToWhatEndedByItself() {
        var ended = waited();
        ended.getStatus().getConditions().stream()
                .filter(condition -> "Ready".equals(condition.getType()))
                .forEach(condition -> condition.setReason("ExitCode1"));

        assertThat(Stream.of(3599, 3600).map(seconds -> SecondChance.isDue(ended, BEGAN.plusSeconds(seconds))))
                .containsExactly(false, true);
    }

    @Test
    void isGivenOnce() {
        var leaving = waited();
        leaving.getMetadata().setDeletionTimestamp("2026-11-23T03:59:59Z");

        assertThat(SecondChance.isDue(leaving, BEGAN.plus(Duration.ofDays(1)))).isFalse();
    }

    private static Revision waited() {
        var said = KnativeCase.named("the second revision has waited for too long", cases());
        return revision(Objects.requireNonNull(said.revisions().get("it-name-00002")));
    }

    private static List<KnativeCase> cases() {
        return KnativeCase.all().stream().map(said -> said.since(BEGAN)).toList();
    }

    private static Revision revision(RevisionStatus status) {
        return new RevisionBuilder()
                .withNewMetadata()
                .endMetadata()
                .withStatus(status)
                .build();
    }
}
