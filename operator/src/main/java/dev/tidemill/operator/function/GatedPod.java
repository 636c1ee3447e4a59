package dev.tidemill.operator.function;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.Json;
import dev.tidemill.operator.Containers;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.events.DeliveryWords;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts the gate in front of what runs in a function's pod: it takes the requests, and what took them before gets those that it lets
 * through, at {@link FunctionPod#PORT}. Callers are the declared invokers, the materializer of the namespace, and whoever knows the word
 * for deliveries.
 */
final class GatedPod {

    static final String GATE = "gate";

    /** Neither a function's own port nor one of Knative's queue-proxy. */
    static final int PORT = 8099;

    private static final String KEYS = "/var/run/tidemill/keys";
    private static final String WORDS = "/var/run/tidemill/words";
    private static final String TMP = "tmp-gate";
    private static final String READY = "/_tidemill/health/ready";

    static final ResourceRequirements RESOURCES = new ResourceRequirementsBuilder()
            .addToRequests("cpu", new Quantity("25m"))
            .addToRequests("memory", new Quantity("64Mi"))
            .addToLimits("memory", new Quantity("192Mi"))
            .build();

    private final OperatorConfig config;

    GatedPod(OperatorConfig config) {
        this.config = config;
    }

    /** What a direct caller's token must be for. */
    static String audience(String namespace, String function) {
        return "tidemill.dev/" + namespace + "/" + function;
    }

    /** @param senders as whom Eventing delivers to it */
    FunctionPod of(String namespace, String name, FunctionSpec spec, List<String> senders, FunctionPod pod) {
        var containers = new ArrayList<Container>();
        containers.add(gate(namespace, name, spec, senders));
        containers.add(behind(pod.containers().getFirst()));
        containers.addAll(pod.containers().subList(1, pod.containers().size()));
        var volumes = new ArrayList<>(pod.volumes());
        volumes.add(Containers.tmp(TMP, null));
        volumes.add(keys());
        volumes.add(new VolumeBuilder()
                .withName("words")
                .withNewSecret()
                .withSecretName(DeliveryWords.secret(name))
                .endSecret()
                .build());
        return new FunctionPod(containers, volumes, pod.concurrency(), pod.timeout());
    }

    private Container gate(String namespace, String name, FunctionSpec spec, List<String> senders) {
        return Containers.of(
                        config.sidecars().gate(),
                        config.imagePullPolicy(),
                        List.of(new EnvVar("TIDEMILL_GATE", Json.text(settings(namespace, name, spec, senders)), null)),
                        RESOURCES,
                        TMP)
                .withName(GATE)
                .addNewPort()
                .withContainerPort(PORT)
                .endPort()
                .addNewVolumeMount()
                .withName("keys")
                .withMountPath(KEYS)
                .withReadOnly(true)
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("words")
                .withMountPath(WORDS)
                .withReadOnly(true)
                .endVolumeMount()
                .editSecurityContext()
                .withReadOnlyRootFilesystem(true)
                .endSecurityContext()
                .withReadinessProbe(new ProbeBuilder()
                        .withNewHttpGet()
                        .withPath(READY)
                        .endHttpGet()
                        .build())
                .build();
    }

    /** As docs/reference/gate.md has them. */
    private static Map<String, Object> settings(
            String namespace, String name, FunctionSpec spec, List<String> senders) {
        var callers = new ArrayList<Callers>();
        callers.add(new Callers(
                Callers.dataPathAudience(namespace), List.of(Callers.subject(namespace, Callers.DATA_PATH))));
        var direct = new ArrayList<>(senders);
        spec.invokers()
                .forEach(invoker -> direct.add(Callers.subject(
                        invoker.namespace() == null ? namespace : invoker.namespace(), invoker.serviceAccount())));
        if (!direct.isEmpty()) {
            callers.add(new Callers(audience(namespace, name), direct));
        }
        var settings = new LinkedHashMap<String, Object>();
        settings.put("function", FunctionPod.PORT);
        settings.put("callers", callers);
        settings.put("keys", "https://kubernetes.default.svc");
        settings.put("ca", KEYS + "/ca.crt");
        settings.put("token", KEYS + "/token");
        settings.put("deliveries", WORDS);
        if (spec.runtime() == FunctionSpec.Runtime.Lambda) {
            settings.put("ready", READY);
        }
        var details = new TreeMap<String, Map<String, JsonNode>>();
        for (var event : spec.events()) {
            if (event.detail() != null) {
                details.put(event.name(), event.detail());
            }
        }
        if (!details.isEmpty()) {
            settings.put("details", details);
        }
        return settings;
    }

    /** It is told its port, which Knative tells the first container only, and has no probe of Knative's any more. */
    private static Container behind(Container first) {
        return new ContainerBuilder(first)
                .withName(first.getName() == null ? FunctionResource.CONTAINER : first.getName())
                .withPorts(List.of())
                .withReadinessProbe(null)
                .addToEnv(0, new EnvVar("PORT", Integer.toString(FunctionPod.PORT), null))
                .build();
    }

    /** With what the gate asks the API server for its keys: a token that is good for nothing else in a namespace without roles. */
    private static Volume keys() {
        return new VolumeBuilder()
                .withName("keys")
                .withNewProjected()
                .addNewSource()
                .withNewServiceAccountToken()
                .withPath("token")
                .withExpirationSeconds(3600L)
                .endServiceAccountToken()
                .endSource()
                .addNewSource()
                .withNewConfigMap()
                .withName("kube-root-ca.crt")
                .addNewItem()
                .withKey("ca.crt")
                .withPath("ca.crt")
                .endItem()
                .endConfigMap()
                .endSource()
                .endProjected()
                .build();
    }
}
