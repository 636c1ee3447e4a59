package dev.tidemill.operator;

import io.fabric8.knative.pkg.apis.Condition;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A second chance for a revision that Knative has given up. It tries a new one for ten minutes ({@code progress-deadline} in its ConfigMap
 * {@code config-deployment}) and never again, though a node may join, or a store be back, an hour later. One that is deleted it makes
 * anew, under the same name, for its Configuration still asks for it.
 *
 * <p>A longer deadline would wait as well, but hold the node's resources, an accelerator among them, for as long for pods that crash.
 */
final class SecondChance {

    /** As long as Knative has tried it, so that what it says of a failure is there to be read for half of the time. */
    static final Duration AFTER_WAITING = Duration.ofMinutes(10);

    /** What ended by itself is tried less often: while it is tried, it holds what another revision may need. */
    static final Duration AFTER_AN_END = Duration.ofHours(1);

    /** No container has ended: it waited for a node, or for its image, until its time was over. */
    private static final Set<String> WAITED = Set.of("ProgressDeadlineExceeded", "Unschedulable");

    private SecondChance() {}

    /** Gives it to the newest revision, if that was never ready and will not be by itself. */
    static void give(Service service, KubernetesClient client, Instant now) {
        newest(service).ifPresent(name -> {
            var revisions = client.resources(Revision.class)
                    .inNamespace(service.getMetadata().getNamespace());
            var found = revisions.withName(name).get();
            if (found != null && isDue(found, now)) {
                // Its Deployment must be gone before the next one of that name is made.
                revisions
                        .resource(found)
                        .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                        .delete();
            }
        });
    }

    private static Optional<String> newest(Service service) {
        var status = service.getStatus();
        return !KnativeReadiness.isObserved(service)
                        || Objects.equals(status.getLatestCreatedRevisionName(), status.getLatestReadyRevisionName())
                ? Optional.empty()
                : Optional.ofNullable(status.getLatestCreatedRevisionName());
    }

    /** Without pods it is at zero, and not being ready it stays there. */
    static boolean isDue(Revision revision, Instant now) {
        if (revision.getMetadata().getDeletionTimestamp() != null) {
            return false;
        }
        var ready = denied(revision, "Ready");
        var active = denied(revision, "Active");
        if (ready.isEmpty() || active.isEmpty() || active.get().getLastTransitionTime() == null) {
            return false;
        }
        var pause =
                WAITED.contains(Objects.requireNonNullElse(ready.get().getReason(), "")) ? AFTER_WAITING : AFTER_AN_END;
        return !now.isBefore(Instant.parse(active.get().getLastTransitionTime()).plus(pause));
    }

    private static Optional<Condition> denied(Revision revision, String type) {
        return KnativeReadiness.condition(revision, type).filter(condition -> "False".equals(condition.getStatus()));
    }
}
