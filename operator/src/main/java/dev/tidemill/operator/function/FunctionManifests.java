package dev.tidemill.operator.function;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.Json;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.operator.Containers;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.Workload;
import dev.tidemill.operator.Workload.StoreAccess;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a Function becomes. Values in, objects out. */
final class FunctionManifests {

    private static final ObjectMapper JSON = Json.mapper();

    private static final String COMPONENT = "function";

    /** The Knative Service that leads paths to a namespace's Functions. */
    static final String ROUTER = "tidemill-paths";

    private static final String ROUTER_COMPONENT = "paths";

    /** Requests in one pod of it at a time are as many as come: it only hands them on. */
    private static final int ROUTER_PODS = 4;

    /** Where Knative's queue-proxy takes requests and is asked for its numbers: HTTP, HTTP/2, TLS, metrics of its own and of the pod. */
    private static final List<Integer> QUEUE_PROXY = List.of(8012, 8013, 8112, 9090, 9091);

    /** Requests that a pod with a built-in function takes at a time. */
    private static final int BUILTIN_CONCURRENCY = 8;

    private static final List<String> DECLARED =
            List.of("image", "code", "runtimeImage", "builtin", "runtime", "handler", "eventFormat", "env");

    private final OperatorConfig config;

    FunctionManifests(OperatorConfig config) {
        this.config = config;
    }

    /** The Secret with the function's credentials. */
    static String secret(String function) {
        return "tidemill-function-" + function;
    }

    /**
     * Its Knative Service.
     *
     * @param senders as whom Eventing delivers to it, where it shows tokens
     * @param probesSidecars whether Knative lets containers beside the first have probes
     */
    Service knativeService(
            String namespace,
            String name,
            OwnerReference owner,
            FunctionSpec spec,
            SequencedMap<String, S3Prefix> data,
            @Nullable StoreAccess store,
            List<String> senders,
            boolean probesSidecars) {
        var own = pod(name, spec, store, environment(name, spec, data, store), probesSidecars);
        var pod = config.sidecars().gated() ? new GatedPod(config).of(namespace, name, spec, senders, own) : own;
        var service = new Workload(
                        namespace,
                        name,
                        COMPONENT,
                        labels(name, spec),
                        List.of(owner),
                        spec.imagePullSecrets().stream()
                                .map(FunctionSpec.NamedRef::name)
                                .toList(),
                        pod.containers(),
                        pod.volumes(),
                        store,
                        spec.scale().min(),
                        pods(spec, pod.concurrency()),
                        pod.concurrency(),
                        pod.timeout(),
                        spec.nodeSelector(),
                        spec.tolerations().stream()
                                .map(toleration -> JSON.convertValue(toleration, Toleration.class))
                                .toList())
                .knativeService();
        return new ServiceBuilder(service)
                .editSpec()
                .editTemplate()
                .editMetadata()
                .addToAnnotations(Labels.DECLARED, declared(spec))
                .endMetadata()
                .endTemplate()
                .endSpec()
                .build();
    }

    /** What its results depend on, but for what is told with each request. */
    private static String declared(FunctionSpec spec) {
        ObjectNode declared = JSON.valueToTree(spec);
        return Json.text(declared.retain(DECLARED));
    }

    /** What a revision computes, with what is told with each request now. */
    static FunctionSpec computedBy(Revision revision, FunctionSpec spec) {
        var said = revision.getMetadata().getAnnotations().getOrDefault(Labels.DECLARED, "");
        if (!(Serialization.unmarshal(said, JsonNode.class) instanceof ObjectNode declared)) {
            // An operator before this one did not say.
            return spec;
        }
        ObjectNode computed = JSON.valueToTree(spec);
        return JSON.convertValue(computed.remove(DECLARED).setAll(declared), FunctionSpec.class);
    }

    /** Only Knative reaches its pods, and only by the door that counts requests: the containers behind it trust whoever reaches them. */
    NetworkPolicy networkPolicy(String namespace, String name, OwnerReference owner) {
        return networkPolicy(namespace, "tidemill-function-" + name, COMPONENT, name, List.of(owner));
    }

    /** The same of the router. */
    NetworkPolicy routerPolicy(String namespace, List<OwnerReference> owners) {
        return networkPolicy(namespace, ROUTER, ROUTER_COMPONENT, ROUTER, owners);
    }

    private NetworkPolicy networkPolicy(
            String namespace, String policy, String component, String name, List<OwnerReference> owners) {
        var labels = new TreeMap<>(Labels.of(component));
        labels.put(Labels.FUNCTION, name);
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withName(policy)
                .withNamespace(namespace)
                .withLabels(labels)
                .withOwnerReferences(owners)
                .endMetadata()
                .withNewSpec()
                .withPodSelector(
                        new LabelSelectorBuilder().withMatchLabels(labels).build())
                .withPolicyTypes("Ingress")
                .addNewIngress()
                .addNewFrom()
                .withNewNamespaceSelector()
                .addNewMatchExpression()
                .withKey("kubernetes.io/metadata.name")
                .withOperator("In")
                .withValues(config.trustedNamespaces())
                .endMatchExpression()
                .endNamespaceSelector()
                .endFrom()
                .withPorts(QUEUE_PROXY.stream()
                        .map(port -> new NetworkPolicyPortBuilder()
                                .withPort(new IntOrString(port))
                                .build())
                        .toList())
                .endIngress()
                .endSpec()
                .build();
    }

    /**
     * What leads paths to Functions, in the image of the gate, which has the program.
     *
     * @param routes addresses by path
     */
    Service router(String namespace, List<OwnerReference> owners, SortedMap<String, String> routes) {
        var table = routes.entrySet().stream()
                .map(route -> Map.of("path", route.getKey(), "to", route.getValue()))
                .map(TreeMap::new)
                .toList();
        var container = Containers.of(
                        config.sidecars().gate(),
                        config.imagePullPolicy(),
                        List.of(new EnvVar("TIDEMILL_ROUTES", Json.text(table), null)),
                        GatedPod.RESOURCES,
                        Containers.TMP)
                .withCommand(OperatorConfig.SidecarImages.gateProgram("Router"))
                .editSecurityContext()
                .withReadOnlyRootFilesystem(true)
                .endSecurityContext()
                .build();
        return new Workload(
                        namespace,
                        ROUTER,
                        ROUTER_COMPONENT,
                        Map.of(Labels.FUNCTION, ROUTER),
                        owners,
                        List.of(),
                        List.of(container),
                        List.of(Containers.tmp()),
                        null,
                        0,
                        ROUTER_PODS,
                        0,
                        FunctionPlan.LONGEST,
                        Map.of(),
                        List.of())
                .knativeService();
    }

    private FunctionPod pod(
            String name, FunctionSpec spec, @Nullable StoreAccess store, List<EnvVar> env, boolean probesSidecars) {
        var timeout = spec.timeout().duration();
        if (spec.builtin() != null) {
            return new FunctionPod(
                    List.of(Containers.ours(config.dataflowImage(), config.imagePullPolicy(), env, resources(spec))),
                    List.of(Containers.tmp()),
                    Math.min(spec.scale().requests(), BUILTIN_CONCURRENCY),
                    timeout);
        }
        return switch (spec.runtime()) {
            case CloudEvents ->
                new FunctionPod(
                        List.of(Containers.theirs(String.valueOf(spec.image()), env, resources(spec))),
                        List.of(Containers.tmp()),
                        spec.scale().concurrency(),
                        timeout);
            case Lambda ->
                new LambdaPod(config, probesSidecars).of(name, spec, store, env, resources(spec), FunctionPlan.LONGEST);
        };
    }

    /** What one pod can do is known of our own functions and of Lambda's, and not of a user's; the product keeps the cap. */
    private static int pods(FunctionSpec spec, int concurrency) {
        var most = Math.max(1, spec.maxConcurrency() / concurrency);
        return spec.builtin() != null
                ? Math.max(1, spec.scale().requests() / concurrency)
                : Math.min(spec.scale().requests() / spec.scale().concurrency(), most);
    }

    private static Map<String, String> labels(String name, FunctionSpec spec) {
        return spec.runtime() == FunctionSpec.Runtime.Lambda
                ? Map.of(Labels.FUNCTION, name, Labels.RUNTIME, LambdaPod.LABEL)
                : Map.of(Labels.FUNCTION, name);
    }

    private static List<EnvVar> environment(
            String name, FunctionSpec spec, SequencedMap<String, S3Prefix> data, @Nullable StoreAccess store) {
        var all = new ArrayList<EnvVar>(store == null ? List.of() : store.environment());
        all.add(new EnvVar("FUNCTION_NAME", name, null));
        all.add(new EnvVar("FUNCTION_DATA", Json.text(data), null));
        if (spec.builtin() != null) {
            all.add(new EnvVar("TIDEMILL_BUILTIN", spec.builtin(), null));
        }
        spec.env().forEach(variable -> all.add(JSON.convertValue(variable, EnvVar.class)));
        return all;
    }

    private static ResourceRequirements resources(FunctionSpec spec) {
        if (spec.builtin() != null && spec.resources().requests().isEmpty()) {
            return new ResourceRequirementsBuilder()
                    .addToRequests("cpu", new Quantity("100m"))
                    .addToRequests("memory", new Quantity("192Mi"))
                    .addToLimits("memory", new Quantity("512Mi"))
                    .build();
        }
        return JSON.convertValue(spec.resources(), ResourceRequirements.class);
    }
}
