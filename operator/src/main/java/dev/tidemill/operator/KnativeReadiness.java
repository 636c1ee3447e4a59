package dev.tidemill.operator;

import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Conditions.Verdict;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.pkg.apis.Condition;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.sources.v1.PingSource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What Knative's objects say of themselves. */
public final class KnativeReadiness {

    private KnativeReadiness() {}

    /** What a cluster without Knative Serving is told. */
    public static Verdict missing(String type) {
        return Verdict.no(
                type,
                "KnativeMissing",
                "this cluster serves no Knative Services: install Knative Serving 1.15 or later; it goes on by itself then");
    }

    /** Whether the latest revision of this very spec can be routed to. */
    public static Verdict verdict(String type, Service service) {
        var status = service.getStatus();
        if (status == null) {
            return verdict(type, service, null, null);
        }
        var verdict = verdict(type, service, status.getObservedGeneration(), status.getConditions());
        // That a Route lacks a revision is only what comes of the Configuration's trouble with it.
        return verdict.status() == Status.False
                ? condition(service, "ConfigurationsReady")
                        .filter(cause -> "False".equals(cause.getStatus()))
                        .map(cause -> verdict(type, service, cause))
                        .orElse(verdict)
                : verdict;
    }

    /** The same of one of its conditions. */
    public static Verdict verdict(String type, Service service, Condition condition) {
        return verdict(type, name(service), condition);
    }

    /** Whether what Knative says is of the present spec. */
    public static boolean isObserved(Service service) {
        return service.getStatus() != null
                && Objects.equals(
                        service.getStatus().getObservedGeneration(),
                        service.getMetadata().getGeneration());
    }

    /** Whether requests go where its status says: not while Knative is about to lead them elsewhere. */
    public static boolean isRouted(Service service) {
        return isObserved(service)
                && condition(service, "RoutesReady")
                        .filter(routes -> !"Unknown".equals(routes.getStatus()))
                        .isPresent();
    }

    /** One of the conditions that Knative has written, of whichever generation. */
    public static Optional<Condition> condition(Service service, String type) {
        return service.getStatus() == null
                ? Optional.empty()
                : find(service.getStatus().getConditions(), type);
    }

    /** The same of a revision. */
    public static Optional<Condition> condition(Revision revision, String type) {
        return revision.getStatus() == null
                ? Optional.empty()
                : find(revision.getStatus().getConditions(), type);
    }

    public static Verdict verdict(String type, Trigger trigger) {
        var status = trigger.getStatus();
        return status == null
                ? verdict(type, trigger, null, null)
                : verdict(type, trigger, status.getObservedGeneration(), status.getConditions());
    }

    public static Verdict verdict(String type, PingSource source) {
        var status = source.getStatus();
        return status == null
                ? verdict(type, source, null, null)
                : verdict(type, source, status.getObservedGeneration(), status.getConditions());
    }

    /** Where a service answers, once a revision of it has been ready; it does so while its next one comes up. */
    public static Optional<URI> url(Service service) {
        var status = service.getStatus();
        return status == null
                        || status.getLatestReadyRevisionName() == null
                        || status.getAddress() == null
                        || status.getAddress().getUrl() == null
                ? Optional.empty()
                : Optional.of(URI.create(status.getAddress().getUrl()));
    }

    private static Verdict verdict(
            String type, HasMetadata object, @Nullable Long observed, @Nullable List<Condition> conditions) {
        var name = name(object);
        if (!Objects.equals(observed, object.getMetadata().getGeneration())) {
            return Verdict.unknown(type, "Deploying", "Knative has not looked at " + name + " yet");
        }
        return find(conditions, "Ready")
                .map(ready -> verdict(type, name, ready))
                .orElseGet(() -> Verdict.unknown(type, "Deploying", name + " is being deployed"));
    }

    private static String name(HasMetadata object) {
        return "Knative " + object.getKind() + " " + object.getMetadata().getName();
    }

    private static Optional<Condition> find(@Nullable List<Condition> conditions, String type) {
        return Objects.requireNonNullElse(conditions, List.<Condition>of()).stream()
                .filter(condition -> type.equals(condition.getType()))
                .findFirst();
    }

    private static Verdict verdict(String type, String name, Condition ready) {
        if ("True".equals(ready.getStatus())) {
            return Verdict.yes(type, "Serving");
        }
        return new Verdict(
                type,
                Status.valueOf(ready.getStatus()),
                Objects.requireNonNullElse(ready.getReason(), "Deploying"),
                name + ": " + Objects.requireNonNullElse(ready.getMessage(), "is being deployed"));
    }
}
