package dev.tidemill.operator;

import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Conditions.Verdict;
import io.fabric8.knative.pkg.apis.Condition;
import io.fabric8.knative.serving.v1.Service;
import java.util.List;
import java.util.Objects;

/** What a Knative Service says of itself. */
public final class KnativeReadiness {

    private KnativeReadiness() {}

    /** Whether the latest revision of this very spec can be routed to. */
    public static Verdict verdict(String type, Service service) {
        var status = service.getStatus();
        var name = service.getMetadata().getName();
        if (status == null
                || !Objects.equals(
                        status.getObservedGeneration(), service.getMetadata().getGeneration())) {
            return Verdict.unknown(type, "Deploying", "Knative has not looked at service " + name + " yet");
        }
        var conditions = Objects.requireNonNullElse(status.getConditions(), List.<Condition>of());
        return conditions.stream()
                .filter(condition -> "Ready".equals(condition.getType()))
                .findFirst()
                .map(ready -> new Verdict(
                        type,
                        Status.valueOf(ready.getStatus()),
                        "True".equals(ready.getStatus())
                                ? "Serving"
                                : Objects.requireNonNullElse(ready.getReason(), "Deploying"),
                        message(name, ready)))
                .orElseGet(() -> Verdict.unknown(type, "Deploying", "service " + name + " is being deployed"));
    }

    private static String message(String name, Condition ready) {
        return "True".equals(ready.getStatus())
                ? ""
                : "Knative Service " + name + ": "
                        + Objects.requireNonNullElse(ready.getMessage(), "is being deployed");
    }
}
