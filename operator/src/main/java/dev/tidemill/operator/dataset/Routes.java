package dev.tidemill.operator.dataset;

import dev.tidemill.operator.KnativeReadiness;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.serving.Rollout;
import io.fabric8.knative.serving.v1.ContainerStatus;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a Function or a Model answers and what does. What one revision computes must not be kept under the name of another one:
 * a newer one counts from when Knative says that requests get to it.
 */
final class Routes {

    /**
     * How it is reached now.
     *
     * @param version of a function the image's digest as Knative resolved it, or the image as it is written; of a model {@link Labels#ARTIFACT}
     * @param revision which answers
     */
    record Route(URI url, String version, Revision revision) {}

    private final KubernetesClient client;

    /** Of each service the revision that answers. It never changes, so that each is asked for once. */
    private final Map<String, Revision> revisions = new ConcurrentHashMap<>();

    Routes(KubernetesClient client) {
        this.client = client;
    }

    /** Empty until a revision of the function's service has been ready. */
    Optional<Route> ofFunction(Optional<Service> service) {
        return service.flatMap(found -> KnativeReadiness.url(found)
                .flatMap(url -> revision(found, Rollout.active(found))
                        .map(revision -> new Route(url, image(revision), revision))));
    }

    /** The same of a model, by the address of the revision that answers: the service's own leads to the one that is tried, too. */
    Optional<Route> ofModel(Optional<Service> service) {
        return service.flatMap(found -> Rollout.alone(found)
                .flatMap(part -> revision(found, part.getRevisionName())
                        .map(revision -> new Route(URI.create(part.getUrl()), artifact(revision), revision))));
    }

    private Optional<Revision> revision(Service service, @Nullable String name) {
        var key = service.getMetadata().getUid();
        var before = revisions.get(key);
        if (before != null && (before.getMetadata().getName().equals(name) || !KnativeReadiness.isRouted(service))) {
            return Optional.of(before);
        }
        if (name == null) {
            return Optional.empty();
        }
        var now = Optional.ofNullable(client.resources(Revision.class)
                .inNamespace(service.getMetadata().getNamespace())
                .withName(name)
                .get());
        now.ifPresent(revision -> revisions.put(key, revision));
        return now;
    }

    private static String artifact(Revision revision) {
        return revision.getMetadata().getAnnotations().getOrDefault(Labels.ARTIFACT, "");
    }

    /** Of several containers that of the user's image; whatever stands beside it changes no result. */
    private static String image(Revision revision) {
        var statuses = revision.getStatus() == null
                ? List.<ContainerStatus>of()
                : Objects.requireNonNullElse(revision.getStatus().getContainerStatuses(), List.<ContainerStatus>of());
        return own(statuses, ContainerStatus::getName)
                .map(ContainerStatus::getImageDigest)
                .filter(digest -> !digest.isEmpty())
                // A cluster that does not resolve tags leaves the image as it is written.
                .or(() -> own(revision.getSpec().getContainers(), Container::getName)
                        .map(Container::getImage))
                .orElse("");
    }

    private static <C> Optional<C> own(List<C> containers, Function<C, @Nullable String> name) {
        return containers.stream()
                .filter(container -> FunctionResource.CONTAINER.equals(name.apply(container)))
                .findFirst()
                .or(() -> containers.stream().findFirst());
    }
}
