package dev.tidemill.operator.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Json;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.Resource;
import dev.tidemill.operator.Containers;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.Names;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.Workload;
import dev.tidemill.operator.Workload.StoreAccess;
import dev.tidemill.operator.serving.Rollout;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.knative.serving.v1.TrafficTarget;
import io.fabric8.knative.serving.v1.TrafficTargetBuilder;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a Model becomes. Values in, objects out. */
final class ModelManifests {

    private static final String MODEL = "TIDEMILL_MODEL";
    private static final String COPY = "TIDEMILL_MODEL_COPY";
    private static final int PORT = 8080;

    private static final String TRAINING = "-training";

    /** Knative's name for the active revision alone, {@code active-…}, and that of the trainer are longer. */
    private static final int LONGEST_SERVICE = Names.LONGEST - TRAINING.length();

    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private final OperatorConfig config;

    ModelManifests(OperatorConfig config) {
        this.config = config;
    }

    /** The Knative Service; a Function of the same name has its own. */
    static String service(String model) {
        return Names.within(LONGEST_SERVICE, "model-" + model);
    }

    /** The Secret with the model's credentials. */
    static String secret(String model) {
        return "tidemill-model-" + model;
    }

    /**
     * Its Knative Service. A new artifact is a new revision, which gets requests when it is ready, and not before.
     *
     * @param artifact what it is loaded from
     * @param active the revision that serves now; null for none that is to go on
     */
    Service knativeService(
            String namespace,
            String name,
            OwnerReference owner,
            ModelSpec spec,
            @Nullable StoreAccess store,
            Artifact.Known artifact,
            @Nullable String active) {
        var what = List.of(
                new EnvVar(MODEL, Json.text(resource(name, spec)), null), new EnvVar(COPY, artifact.copy(), null));
        var service = new Workload(
                        namespace,
                        service(name),
                        "model",
                        Map.of(Labels.MODEL, name),
                        List.of(owner),
                        List.of(),
                        List.of(container(spec, store, what, "/v2/health/ready")
                                // By this name Knative hands HTTP/2 on, and with it gRPC; REST comes by the same port.
                                .addNewPort()
                                .withName("h2c")
                                .withContainerPort(PORT)
                                .endPort()
                                .build()),
                        List.of(Containers.tmp()),
                        store,
                        spec.scale().min(),
                        spec.scale().max(),
                        // The server joins what waits and turns away what is too much.
                        0,
                        TIMEOUT,
                        spec.nodeSelector(),
                        tolerations(spec))
                .knativeService();
        return new ServiceBuilder(service)
                .editSpec()
                .editTemplate()
                .editMetadata()
                .addToAnnotations(Labels.ARTIFACT, artifact.version())
                .endMetadata()
                .endTemplate()
                .withTraffic(traffic(spec, active))
                .endSpec()
                .build();
    }

    /** What a revision of it serves; empty for one that is none of ours. */
    static Optional<ModelSpec> served(Revision revision) {
        return variable(revision, MODEL)
                .map(resource ->
                        Serialization.unmarshal(resource, JsonNode.class).path("spec"))
                .map(spec -> Json.mapper().convertValue(spec, ModelSpec.class));
    }

    /** Where the copy lies that a revision is loaded from. */
    static Optional<String> copy(Revision revision) {
        return variable(revision, COPY);
    }

    private static Optional<String> variable(Revision revision, String name) {
        return revision.getSpec() == null
                ? Optional.empty()
                : revision.getSpec().getContainers().stream()
                        .flatMap(container -> container.getEnv().stream())
                        .filter(variable -> variable.getName().equals(name))
                        .map(EnvVar::getValue)
                        .findFirst();
    }

    /** The Knative Service of what trains a network: the same server, which serves no model. */
    static String trainer(String model) {
        return service(model) + TRAINING;
    }

    /** What trains a network: from zero, one epoch at a time. */
    Service trainer(String namespace, String name, OwnerReference owner, ModelSpec spec, StoreAccess store) {
        return new Workload(
                        namespace,
                        trainer(name),
                        "model",
                        Map.of(Labels.MODEL, name),
                        List.of(owner),
                        List.of(),
                        List.of(container(
                                        spec,
                                        store,
                                        List.of(new EnvVar("TIDEMILL_TRAIN", "true", null)),
                                        "/v2/health/live")
                                .build()),
                        List.of(Containers.tmp()),
                        store,
                        0,
                        1,
                        1,
                        TIMEOUT,
                        spec.nodeSelector(),
                        tolerations(spec))
                .knativeService();
    }

    private static List<Toleration> tolerations(ModelSpec spec) {
        return spec.tolerations().stream()
                .map(toleration -> Json.mapper().convertValue(toleration, Toleration.class))
                .toList();
    }

    private ContainerBuilder container(ModelSpec spec, @Nullable StoreAccess store, List<EnvVar> what, String ready) {
        var env = new ArrayList<EnvVar>(store == null ? List.of() : store.environment());
        env.addAll(what);
        env.add(new EnvVar("TIDEMILL_DEVICE", spec.accelerator() == null ? "cpu" : "gpu", null));
        env.add(new EnvVar("TF_CPP_MIN_LOG_LEVEL", "2", null));
        return Containers.of(
                        config.models().of(spec.accelerator()),
                        config.imagePullPolicy(),
                        env,
                        resources(spec),
                        Containers.TMP)
                .withReadinessProbe(probe(ready))
                .withLivenessProbe(probe("/v2/health/live"));
    }

    /** Whether a newer revision gets some of the requests, and the one before the others. */
    static boolean isShared(ModelSpec spec) {
        return spec.canaryPercent() > 0 && spec.canaryPercent() < 100;
    }

    /** All to the newest that is ready, or while it is tried the rest to the one that serves. */
    private static List<TrafficTarget> traffic(ModelSpec spec, @Nullable String active) {
        long tried = spec.canaryPercent();
        var latest = new TrafficTargetBuilder().withLatestRevision(true);
        if (active == null || !isShared(spec)) {
            return List.of(latest.withTag(Rollout.ACTIVE).withPercent(100L).build());
        }
        return List.of(
                new TrafficTargetBuilder()
                        .withTag(Rollout.ACTIVE)
                        .withRevisionName(active)
                        .withLatestRevision(false)
                        .withPercent(100 - tried)
                        .build(),
                latest.withPercent(tried).build());
    }

    /** What the server needs to know, and nothing that would replace pods in vain when it changes. */
    private static Map<String, Object> resource(String name, ModelSpec spec) {
        var served = new LinkedHashMap<String, Object>();
        served.put("format", spec.format());
        served.put("source", spec.source());
        served.put("inputs", spec.inputs());
        served.put("outputs", spec.outputs());
        served.put("batch", spec.batch());
        var resource = new LinkedHashMap<String, Object>();
        resource.put("apiVersion", Resource.API_VERSION);
        resource.put("kind", "Model");
        resource.put("metadata", Map.of("name", name));
        resource.put("spec", served);
        return resource;
    }

    /** What is said of a resource is all that is: a default beside it could be a request beyond its limit. */
    private static ResourceRequirements resources(ModelSpec spec) {
        var said = Json.mapper().convertValue(spec.resources(), ResourceRequirements.class);
        var resources = new ResourceRequirementsBuilder(said);
        if (isSilent(said, "cpu")) {
            resources.addToRequests("cpu", new Quantity("250m"));
        }
        if (isSilent(said, "memory")) {
            resources.addToRequests("memory", new Quantity("1Gi")).addToLimits("memory", new Quantity("4Gi"));
        }
        var accelerator = spec.accelerator();
        if (accelerator != null) {
            var count = new Quantity(Integer.toString(accelerator.count()));
            resources.addToRequests(accelerator.resource(), count).addToLimits(accelerator.resource(), count);
        }
        return resources.build();
    }

    private static boolean isSilent(ResourceRequirements said, String resource) {
        return !said.getRequests().containsKey(resource) && !said.getLimits().containsKey(resource);
    }

    private static Probe probe(String path) {
        return new ProbeBuilder().withNewHttpGet().withPath(path).endHttpGet().build();
    }
}
