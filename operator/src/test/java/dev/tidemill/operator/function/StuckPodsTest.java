package dev.tidemill.operator.function;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StuckPodsTest {

    private static Pod pod(String metadata, String ready, String function) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: it%s}
                status:
                  conditions: [{type: Ready, status: "%s", lastTransitionTime: "2026-01-01T00:10:00Z"}]
                  containerStatuses:
                  - {name: bridge, state: {running: {startedAt: "2026-01-01T00:00:00Z"}}}
                  - {name: function, state: {%s}}
                """.formatted(metadata, ready, function), Pod.class);
    }

    @Test
    void aPodWhoseBridgeHasNotBeenReadyForAWhileIsStuckThoughAllOfItRuns() {
        assertThat(StuckPods.since(pod("", "False", "running: {startedAt: '2026-01-01T00:00:00Z'}")))
                .contains(Instant.parse("2026-01-01T00:10:15Z"));
    }

    @Test
    void aPodThatIsReadyOrGoesOrWhoseHandlerIsBeingStartedAgainIsNot() {
        var running = "running: {startedAt: '2026-01-01T00:00:00Z'}";
        assertThat(StuckPods.since(pod("", "True", running))).isEmpty();
        assertThat(StuckPods.since(pod(", deletionTimestamp: '2026-01-01T00:11:00Z'", "False", running)))
                .isEmpty();
        assertThat(StuckPods.since(pod("", "False", "waiting: {reason: CrashLoopBackOff}")))
                .isEmpty();
        assertThat(StuckPods.since(
                        new PodBuilder().withNewMetadata().endMetadata().build()))
                .isEmpty();
    }
}
