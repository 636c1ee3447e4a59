package dev.tidemill.operator.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulingTest {

    private static Pod pod(String scheduled, String reason) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("it")
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("PodScheduled")
                .withStatus(scheduled)
                .withReason(reason)
                .withMessage("0/1 nodes are available")
                .endCondition()
                .endStatus()
                .build();
    }

    @Test
    void podsThatFitOnNoNodeAreWaitedForUnlessOneOfThemDoes() {
        assertThat(Scheduling.refusal(List.of(pod("False", "Unschedulable"), pod("False", "Unschedulable"))))
                .contains("0/1 nodes are available");
        assertThat(Scheduling.refusal(List.of(pod("False", "Unschedulable"), pod("True", ""))))
                .isEmpty();
        assertThat(Scheduling.refusal(List.of(pod("False", "SchedulingGated")))).isEmpty();
        assertThat(Scheduling.refusal(List.of())).isEmpty();
    }
}
