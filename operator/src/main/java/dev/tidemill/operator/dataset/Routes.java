package dev.tidemill.operator.dataset;

import dev.tidemill.operator.KnativeReadiness;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Finds where a Function or a Model answers and what does. A revision never changes, so that each is asked for once. */
final class Routes {

    /**
     * How it is reached now.
     *
     * @param version of a function the image's digest as Knative resolved it, or the image as it is written, empty for a built-in one;
     *     of a model {@link Labels#ARTIFACT}
     */
    record Route(URI url, String version) {}

    private final KubernetesClient client;
    private final Map<String, String> versions = new ConcurrentHashMap<>();

    Routes(KubernetesClient client) {
        this.client = client;
    }

    /** Empty until a revision of the function's service has been ready. */
    Optional<Route> find(FunctionResource function, Optional<Service> service) {
        return service.flatMap(found -> KnativeReadiness.url(found)
                .map(url -> new Route(url, image(function, found.getStatus().getLatestReadyRevisionName()))));
    }

    /** Empty until a revision of the model's service has been ready. */
    Optional<Route> find(ModelResource model, Optional<Service> service) {
        return service.flatMap(found -> KnativeReadiness.url(found).map(url -> new Route(url, artifact(model, found))));
    }

    /** That of the revision which answers: the newest one may be unable to. */
    private String artifact(ModelResource model, Service service) {
        var revision = service.getStatus().getLatestReadyRevisionName();
        return versions.computeIfAbsent(
                "model " + model.namespace() + "/" + model.getMetadata().getUid() + "/" + revision, _ -> {
                    var found = revision(model.namespace(), revision);
                    var meta = found == null ? service.getSpec().getTemplate().getMetadata() : found.getMetadata();
                    return meta.getAnnotations().getOrDefault(Labels.ARTIFACT, "");
                });
    }

    private @Nullable Revision revision(String namespace, String name) {
        return client.resources(Revision.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private String image(FunctionResource function, String revision) {
        if (function.getSpec().builtin() != null) {
            return "";
        }
        return versions.computeIfAbsent(
                function.namespace() + "/" + function.getMetadata().getUid() + "/" + revision,
                _ -> digest(function, revision));
    }

    private String digest(FunctionResource function, String revision) {
        var found = revision(function.namespace(), revision);
        var statuses = found == null || found.getStatus() == null
                ? null
                : found.getStatus().getContainerStatuses();
        // Of several containers that of the user's image; whatever stands beside it changes no result.
        var digest = statuses == null || statuses.isEmpty()
                ? null
                : statuses.stream()
                        .filter(status -> FunctionResource.CONTAINER.equals(status.getName()))
                        .findFirst()
                        .orElse(statuses.getFirst())
                        .getImageDigest();
        // A cluster that does not resolve tags leaves the image as it is written.
        return digest == null || digest.isEmpty()
                ? String.valueOf(function.getSpec().image())
                : digest;
    }
}
