package dev.tidemill.operator.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class LastWordsTest {

    private static Pod pod(boolean ready, int restarts, int exitCode, String message) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("it")
                .endMetadata()
                .withNewStatus()
                .addNewContainerStatus()
                .withName("user-container")
                .withReady(ready)
                .withRestartCount(restarts)
                .withNewLastState()
                .withNewTerminated()
                .withExitCode(exitCode)
                .withMessage(message)
                .endTerminated()
                .endLastState()
                .endContainerStatus()
                .endStatus()
                .build();
    }

    @Test
    void aContainerThatEndsAgainAndAgainIsQuoted() {
        assertThat(LastWords.of(List.of(pod(false, 2, 1, "CorruptArtifact: it is no archive"))))
                .contains(new LastWords("ExitCode1", "Container failed with: CorruptArtifact: it is no archive"));
    }

    @Test
    void oneThatIsReadyByNowOrEndedOnceOrInOrderIsNot() {
        assertThat(LastWords.of(List.of(
                        pod(true, 5, 1, "ready"),
                        pod(false, 1, 1, "once"),
                        pod(false, 3, 0, "in order"),
                        new PodBuilder().withNewMetadata().endMetadata().build())))
                .isEmpty();
    }

    @Test
    void aFirstRevisionThatCrashesServesNobodyAndALaterOneLeavesTheOneBeforeAtIt() {
        var words = new LastWords("ExitCode1", "Container failed with: LoadFailed: it");
        for (var said : KnativeCase.all()) {
            var before = RolloutTest.rollout(said);
            if (before.target() != null) {
                var crashing = before.crashing(words);
                assertThat(crashing.newest().message())
                        .isEqualTo("revision %s: %s".formatted(before.target(), words.message()));
                assertThat(crashing.serving().status())
                        .isEqualTo(
                                before.active() == null
                                        ? crashing.newest().status()
                                        : before.serving().status());
            }
        }
    }
}
