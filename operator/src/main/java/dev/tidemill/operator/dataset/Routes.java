package dev.tidemill.operator.dataset;

import dev.tidemill.operator.function.FunctionResource;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Finds where a Function answers and which image does. A revision never changes, so that each is asked for once. */
final class Routes {

    /**
     * How a function is reached now.
     *
     * @param image digest as Knative resolved it, or the image as it is written; empty for a built-in function
     */
    record Route(URI url, String image) {}

    private final KubernetesClient client;
    private final Map<String, String> images = new ConcurrentHashMap<>();

    Routes(KubernetesClient client) {
        this.client = client;
    }

    /** Empty until a revision of the function's service has been ready. */
    Optional<Route> find(FunctionResource function, Optional<Service> service) {
        return service.flatMap(found -> DataPath.url(found)
                .map(url -> new Route(url, image(function, found.getStatus().getLatestReadyRevisionName()))));
    }

    private String image(FunctionResource function, String revision) {
        if (function.getSpec().builtin() != null) {
            return "";
        }
        return images.computeIfAbsent(
                function.namespace() + "/" + function.getMetadata().getUid() + "/" + revision,
                _ -> digest(function, revision));
    }

    private String digest(FunctionResource function, String revision) {
        var found = client.resources(Revision.class)
                .inNamespace(function.namespace())
                .withName(revision)
                .get();
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
