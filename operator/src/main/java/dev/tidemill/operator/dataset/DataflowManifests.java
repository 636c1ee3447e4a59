package dev.tidemill.operator.dataset;

import dev.tidemill.api.ObjectStore;
import dev.tidemill.operator.Containers;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.Names;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.Workload;
import dev.tidemill.operator.Workload.StoreAccess;
import dev.tidemill.operator.function.Callers;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a namespace gets on first need, once for each store that its Datasets use. Values in, objects out. */
final class DataflowManifests {

    /** Requests that one pod of the profiler takes at a time. */
    static final int WORKER_CONCURRENCY = 4;

    /** A slice stops starting work after two minutes and waits up to seven for what is in flight; the rest is for the commit. */
    static final Duration SLICE_TIMEOUT = Duration.ofSeconds(600);

    /** The NetworkPolicy of a namespace's data paths. */
    static final String POLICY = "tidemill-dataflow";

    private static final String TOKEN = "/var/run/tidemill/caller";

    private static final ResourceRequirements RESOURCES = new ResourceRequirementsBuilder()
            .addToRequests("cpu", new Quantity("100m"))
            .addToRequests("memory", new Quantity("256Mi"))
            .addToLimits("memory", new Quantity("1Gi"))
            .build();

    private final OperatorConfig config;

    DataflowManifests(OperatorConfig config) {
        this.config = config;
    }

    /** The Secret with the namespace's credentials for that store. */
    static String secret(String store) {
        return name("tidemill-dataflow", store);
    }

    /** The materializer: it holds few requests for a long time. */
    Service materializer(String namespace, String store, StoreAccess access) {
        var service = service(namespace, materializer(store), access, 4, SLICE_TIMEOUT, List.of());
        return config.sidecars().gated() ? withToken(namespace, service) : service;
    }

    /** Whose token opens the gates of the namespace's functions; empty where there are no gates. */
    Optional<ServiceAccount> serviceAccount(String namespace) {
        if (!config.sidecars().gated()) {
            return Optional.empty();
        }
        return Optional.of(new ServiceAccountBuilder()
                .withNewMetadata()
                .withName(Callers.DATA_PATH)
                .withNamespace(namespace)
                .withLabels(Labels.of(Labels.DATAFLOW))
                .endMetadata()
                .withAutomountServiceAccountToken(false)
                .build());
    }

    private static Service withToken(String namespace, Service service) {
        return new ServiceBuilder(service)
                .editSpec()
                .editTemplate()
                .editSpec()
                .withServiceAccountName(Callers.DATA_PATH)
                .editFirstContainer()
                .addNewEnv()
                .withName("TIDEMILL_CALLER_TOKEN")
                .withValue(TOKEN + "/token")
                .endEnv()
                .addNewVolumeMount()
                .withName("caller")
                .withMountPath(TOKEN)
                .withReadOnly(true)
                .endVolumeMount()
                .endContainer()
                .addNewVolume()
                .withName("caller")
                .withNewProjected()
                .addNewSource()
                .withNewServiceAccountToken()
                .withAudience(Callers.dataPathAudience(namespace))
                .withExpirationSeconds(3600L)
                .withPath("token")
                .endServiceAccountToken()
                .endSource()
                .endProjected()
                .endVolume()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    static String materializer(String store) {
        return name("tidemill-dataflow", store);
    }

    /** Profiler and generator: a service of their own, so that slices never wait for places that slices take. */
    Service worker(String namespace, String store, StoreAccess access) {
        return service(namespace, worker(store), access, WORKER_CONCURRENCY, SLICE_TIMEOUT, List.of());
    }

    static String worker(String store) {
        return name("tidemill-profile", store);
    }

    /** Only the namespace itself, Knative and the operator reach the data path. */
    NetworkPolicy networkPolicy(String namespace) {
        var knative = new LabelSelectorBuilder()
                .addNewMatchExpression()
                .withKey("kubernetes.io/metadata.name")
                .withOperator("In")
                .withValues(config.trustedNamespaces())
                .endMatchExpression()
                .build();
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withName(POLICY)
                .withNamespace(namespace)
                .withLabels(Labels.of(Labels.DATAFLOW))
                .endMetadata()
                .withNewSpec()
                .withPodSelector(new LabelSelectorBuilder()
                        .withMatchLabels(Labels.of(Labels.DATAFLOW))
                        .build())
                .withPolicyTypes("Ingress")
                .addNewIngress()
                .withFrom(
                        new NetworkPolicyPeerBuilder()
                                .withPodSelector(new LabelSelectorBuilder().build())
                                .build(),
                        new NetworkPolicyPeerBuilder()
                                .withNamespaceSelector(knative)
                                .build())
                .endIngress()
                .endSpec()
                .build();
    }

    private Service service(
            String namespace, String name, StoreAccess access, int concurrency, Duration timeout, List<EnvVar> env) {
        return new Workload(
                        namespace,
                        name,
                        Labels.DATAFLOW,
                        Map.of(),
                        List.of(),
                        List.of(),
                        List.of(Containers.ours(
                                config.dataflowImage(),
                                config.imagePullPolicy(),
                                Stream.concat(access.environment().stream(), env.stream())
                                        .toList(),
                                RESOURCES)),
                        List.of(Containers.tmp()),
                        access,
                        0,
                        config.dataflowPods(),
                        concurrency,
                        timeout,
                        Map.of(),
                        List.of())
                .knativeService();
    }

    private static String name(String base, String store) {
        return store.equals(ObjectStore.DEFAULT) ? base : Names.within(Names.LONGEST, base + "-" + store);
    }
}
