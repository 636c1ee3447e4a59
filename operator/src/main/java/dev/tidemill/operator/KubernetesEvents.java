package dev.tidemill.operator;

import dev.tidemill.api.Condition;
import dev.tidemill.dataflow.Drift;
import dev.tidemill.operator.serving.Rollout;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Tells in {@code kubectl describe} what happened to a resource and why. Nothing depends on an event's being written. */
public final class KubernetesEvents {

    private static final Logger LOG = Logger.getLogger(KubernetesEvents.class);
    private static final String REPORTER = "tidemill-operator";

    private final KubernetesClient client;
    private final Executor executor;
    private final Clock clock;

    /** As Kubernetes has it. */
    public enum Type {
        Normal,
        Warning
    }

    public KubernetesEvents(KubernetesClient client, Executor executor, Clock clock) {
        this.client = client;
        this.executor = executor;
        this.clock = clock;
    }

    /**
     * Tells of each condition that turned: Ready either way, Degraded and Drifted when they begin, and a rollout that fails while
     * what was there before is Ready. Progress is no news.
     */
    public void transitions(HasMetadata about, List<Condition> before, List<Condition> after) {
        var ready = after.stream().anyMatch(condition -> condition.type().equals(Condition.READY) && condition.holds());
        for (var now : after) {
            var was = before.stream()
                    .filter(condition -> condition.type().equals(now.type()))
                    .findFirst()
                    .orElse(null);
            var type = type(now, was, ready);
            if (type != null) {
                tell(about, type, now.reason(), now.message());
            }
        }
    }

    private static @Nullable Type type(Condition now, @Nullable Condition was, boolean ready) {
        if (was != null
                && was.status() == now.status()
                && (now.holds() || was.reason().equals(now.reason()))) {
            return null;
        }
        if (now.type().equals(Condition.DEGRADED) || now.type().equals(Drift.DRIFTED)) {
            return now.holds() ? Type.Warning : null;
        }
        if (now.type().equals(Rollout.ROLLED_OUT)) {
            return ready && now.status() == Condition.Status.False ? Type.Warning : null;
        }
        return now.type().equals(Condition.READY)
                ? switch (now.status()) {
                    case True -> Type.Normal;
                    case False -> Type.Warning;
                    case Unknown -> null;
                }
                : null;
    }

    /** Writes one event, in a while. */
    public void tell(HasMetadata about, Type type, String reason, String message) {
        var meta = about.getMetadata();
        var now = Instant.now(clock).truncatedTo(ChronoUnit.SECONDS).toString();
        var namespace = Objects.requireNonNullElse(meta.getNamespace(), "default");
        var event = new EventBuilder()
                .withNewMetadata()
                .withGenerateName(meta.getName() + ".")
                .withNamespace(namespace)
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(about.getApiVersion())
                .withKind(about.getKind())
                .withNamespace(meta.getNamespace())
                .withName(meta.getName())
                .withUid(meta.getUid())
                .endInvolvedObject()
                .withType(type.name())
                .withReason(reason)
                .withMessage(message.isEmpty() ? reason : message)
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withCount(1)
                .withReportingComponent(REPORTER)
                .withNewSource(REPORTER, null)
                .build();
        executor.execute(() -> {
            try {
                client.v1().events().inNamespace(namespace).resource(event).create();
            } catch (KubernetesClientException e) {
                LOG.debugf(e, "no event about %s/%s", namespace, meta.getName());
            }
        });
    }
}
