package dev.tidemill.operator.dataset;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.Json;
import dev.tidemill.operator.Applier;
import dev.tidemill.operator.KnativeReadiness;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.serving.Rollout;
import io.fabric8.knative.serving.v1.ContainerStatus;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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

    /** Whether all that a Dataset names can be reached. */
    sealed interface Way {}

    /** How, by their names. */
    record Known(Map<String, Route> functions, Map<String, Route> models) implements Way {}

    record Unknown(Verdict verdict) implements Way {}

    private final KubernetesClient client;

    /** Of each service the revision that answers. It never changes, so that each is asked for once. */
    private final Map<ResourceID, Answering> answering = new ConcurrentHashMap<>();

    /** @param service its UID: another one of its name has revisions of the same names */
    private record Answering(String service, Revision revision) {}

    Routes(KubernetesClient client) {
        this.client = client;
    }

    Way of(DatasetResource dataset, DatasetDecision.Work work, Applier<DatasetResource> applier) {
        Map<String, Route> functions = new HashMap<>();
        for (var function : work.functions()) {
            var route = applier.find(Service.class, function.namespace(), function.name())
                    .flatMap(this::ofFunction);
            if (route.isEmpty() || isNew(dataset) && !isDeclared(function, route.get())) {
                return unknown("function", "FunctionNotReady", function.name(), function.conditions());
            }
            functions.put(function.name(), route.get());
        }
        var model = work.model();
        if (model == null) {
            return new Known(functions, Map.of());
        }
        return applier.find(Service.class, model.namespace(), model.service())
                .flatMap(this::ofModel)
                .<Way>map(route -> new Known(functions, Map.of(model.name(), route)))
                .orElseGet(() -> unknown("model", "ModelNotReady", model.name(), model.conditions()));
    }

    /** Whether it shows nothing yet, so that it loses nothing by waiting for what is declared. */
    private static boolean isNew(DatasetResource dataset) {
        return dataset.getStatus() == null || dataset.getStatus().revision() == null;
    }

    private static boolean isDeclared(FunctionResource function, Route route) {
        return Json.text(function.computedBy(route.revision())).equals(Json.text(function.getSpec()));
    }

    private static Unknown unknown(String kind, String reason, String name, List<Condition> conditions) {
        var said = conditions.stream()
                .filter(condition -> !condition.holds())
                .findFirst()
                .map(condition -> ": " + condition.message())
                .orElse("");
        return new Unknown(
                Verdict.unknown(DatasetDecision.ACCEPTED, reason, kind + " " + name + " is not ready" + said));
    }

    /** Forgets what no other Dataset names. */
    void leave(DatasetResource gone, IndexedResourceCache<DatasetResource> all) {
        var namespace = gone.namespace();
        Needs.functions(gone)
                .filter(name -> isLast(gone, Needs.function(namespace, name), all))
                .forEach(name -> answering.remove(new ResourceID(name, namespace)));
        Needs.model(gone)
                .filter(name -> isLast(gone, Needs.model(namespace, name), all))
                .ifPresent(name -> answering.remove(new ResourceID(ModelResource.service(name), namespace)));
    }

    private static boolean isLast(DatasetResource gone, String need, IndexedResourceCache<DatasetResource> all) {
        return Set.of(ResourceID.fromResource(gone)).containsAll(Needs.whoNeeds(need, all));
    }

    /** Empty until a revision of the function's service has been ready. */
    private Optional<Route> ofFunction(Service service) {
        return KnativeReadiness.url(service)
                .flatMap(url -> revision(service, Rollout.active(service))
                        .map(revision -> new Route(url, image(revision), revision)));
    }

    /** The same of a model, by the address of the revision that answers: the service's own leads to the one that is tried, too. */
    private Optional<Route> ofModel(Service service) {
        return Rollout.alone(service)
                .flatMap(part -> revision(service, part.getRevisionName())
                        .map(revision -> new Route(URI.create(part.getUrl()), artifact(revision), revision)));
    }

    private Optional<Revision> revision(Service service, @Nullable String name) {
        var key = ResourceID.fromResource(service);
        var uid = service.getMetadata().getUid();
        var before = answering.get(key);
        if (before != null
                && before.service.equals(uid)
                && (before.revision.getMetadata().getName().equals(name) || !KnativeReadiness.isRouted(service))) {
            return Optional.of(before.revision);
        }
        if (name == null) {
            return Optional.empty();
        }
        var now = Optional.ofNullable(client.resources(Revision.class)
                .inNamespace(service.getMetadata().getNamespace())
                .withName(name)
                .get());
        now.ifPresent(revision -> answering.put(key, new Answering(uid, revision)));
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
