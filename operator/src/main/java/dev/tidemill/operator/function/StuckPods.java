package dev.tidemill.operator.function;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds pods whose handlers never return. The bridge says that it is not ready once all of its runtimes are past their time; nobody but
 * the kubelet could end their containers, and Knative has it look at them only with {@code multi-container-probing}. So the whole pod
 * is replaced.
 */
final class StuckPods {

    /** A bridge is ready seconds after its container runs; for what takes longer there are other reasons, and Knative tells them. */
    private static final Duration STARTED = Duration.ofSeconds(60);

    /** So long a pod has to be unready, for a probe may fail once. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private StuckPods() {}

    /** When the pod counts as stuck, if nothing changes; empty for one that works, starts or goes. */
    static Optional<Instant> since(Pod pod) {
        var status = pod.getStatus();
        if (pod.getMetadata().getDeletionTimestamp() != null
                || status == null
                || status.getContainerStatuses().isEmpty()
                || !status.getContainerStatuses().stream().allMatch(StuckPods::runs)) {
            return Optional.empty();
        }
        var unready = status.getConditions().stream()
                .filter(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("False"))
                .map(PodCondition::getLastTransitionTime)
                .filter(Objects::nonNull)
                .map(Instant::parse)
                .findFirst();
        var started = status.getContainerStatuses().stream()
                .filter(container -> container.getName().equals(LambdaPod.BRIDGE))
                .map(container ->
                        Instant.parse(container.getState().getRunning().getStartedAt()))
                .findFirst();
        return unready.flatMap(since -> started.map(start -> later(since.plus(PATIENCE), start.plus(STARTED))));
    }

    /** A container that crashes is started again, which takes its time; its pod is not stuck. */
    private static boolean runs(ContainerStatus container) {
        return container.getState() != null && container.getState().getRunning() != null;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
