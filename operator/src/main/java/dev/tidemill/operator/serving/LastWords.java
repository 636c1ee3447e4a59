package dev.tidemill.operator.serving;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a container of a new revision ended with, again and again. Knative looks at a revision when its Deployment changes, and one whose
 * pods crash does not, so that Knative tells of it when it gives up, after ten minutes.
 *
 * @param reason in Knative's words
 * @param message in Knative's words, which hold those of the container
 */
record LastWords(String reason, String message) {

    /** Once may be an accident, or a handler whose code was not there yet. */
    private static final int RESTARTS = 2;

    /** @param pods of one revision */
    static Optional<LastWords> of(Collection<Pod> pods) {
        return pods.stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null && pod.getStatus() != null)
                .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
                .filter(container -> !Boolean.TRUE.equals(container.getReady()) && restarts(container) >= RESTARTS)
                .flatMap(container -> ended(container).stream())
                .findFirst()
                .map(ended -> new LastWords(
                        "ExitCode" + ended.getExitCode(),
                        "Container failed with: "
                                + Objects.requireNonNullElse(ended.getMessage(), "exit code " + ended.getExitCode())));
    }

    /** How often each of its containers has ended. */
    static List<Integer> ends(Pod pod) {
        return pod.getStatus() == null
                ? List.of()
                : pod.getStatus().getContainerStatuses().stream()
                        .map(LastWords::restarts)
                        .toList();
    }

    private static int restarts(ContainerStatus container) {
        return Objects.requireNonNullElse(container.getRestartCount(), 0);
    }

    private static Optional<ContainerStateTerminated> ended(ContainerStatus container) {
        return Optional.ofNullable(container.getLastState())
                .flatMap(state -> Optional.ofNullable(state.getTerminated()))
                .filter(ended -> !Objects.equals(ended.getExitCode(), 0));
    }
}
