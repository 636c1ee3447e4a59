package dev.tidemill.operator.serving;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;

/**
 * What the scheduler says of a new revision's pods. Knative passes it on when it next looks at the revision, which, as of pods that crash
 * ({@link LastWords}), may be when it gives up.
 */
final class Scheduling {

    private Scheduling() {}

    /**
     * Why no node is found, as long as that is so of each of them.
     *
     * @param pods of one revision
     */
    static Optional<String> refusal(Collection<Pod> pods) {
        var waiting = pods.stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .map(Scheduling::refusal)
                .toList();
        return waiting.stream().allMatch(Optional::isPresent)
                ? waiting.stream().flatMap(Optional::stream).findFirst()
                : Optional.empty();
    }

    /** Whether there is not one that a node was found for. */
    static boolean isNonePlaced(Collection<Pod> pods) {
        return pods.stream()
                .allMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null
                        || pod.getSpec().getNodeName() == null);
    }

    private static Optional<String> refusal(Pod pod) {
        return Optional.ofNullable(pod.getStatus()).stream()
                .flatMap(status -> status.getConditions().stream())
                .filter(condition -> "PodScheduled".equals(condition.getType())
                        && "False".equals(condition.getStatus())
                        && "Unschedulable".equals(condition.getReason()))
                .map(PodCondition::getMessage)
                .filter(Objects::nonNull)
                .findFirst();
    }
}
