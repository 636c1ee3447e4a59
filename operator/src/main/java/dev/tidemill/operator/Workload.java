package dev.tidemill.operator;

import dev.tidemill.api.ObjectStoreSpec;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Toleration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One container behind a Knative Service, as everything in a user's namespace runs: from zero, not as root, unreachable
 * from outside the cluster, without a token of the API server.
 *
 * @param component becomes the label by which NetworkPolicies choose its pods
 * @param maxPods together with {@code concurrency} the cap on requests at a time
 * @param concurrency requests in one pod at a time
 * @param timeout of one request, silence included
 */
public record Workload(
        String namespace,
        String name,
        String component,
        Map<String, String> labels,
        List<OwnerReference> owners,
        String image,
        String imagePullPolicy,
        List<String> imagePullSecrets,
        List<EnvVar> env,
        @Nullable StoreAccess store,
        int minPods,
        int maxPods,
        int concurrency,
        Duration timeout,
        ResourceRequirements resources,
        Map<String, String> nodeSelector,
        List<Toleration> tolerations) {

    private static final String TMP = "tmp";

    /**
     * How the container reaches the object store.
     *
     * @param accessKey of the credentials in the Secret; pods with another one are replaced
     */
    public record StoreAccess(ObjectStoreSpec store, String secret, String accessKey) {}

    /** The Knative Service. */
    public Service knativeService() {
        var allLabels = new TreeMap<>(Labels.of(component));
        allLabels.putAll(labels);
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(allLabels)
                .addToLabels("networking.knative.dev/visibility", "cluster-local")
                .withOwnerReferences(owners)
                .endMetadata()
                .withNewSpec()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(allLabels)
                .withAnnotations(templateAnnotations())
                .endMetadata()
                .withNewSpec()
                .withContainerConcurrency((long) concurrency)
                .withTimeoutSeconds(timeout.toSeconds())
                // Without it the first byte is waited for 300 s only, whatever timeoutSeconds says.
                .withResponseStartTimeoutSeconds(timeout.toSeconds())
                .withEnableServiceLinks(false)
                .withAutomountServiceAccountToken(false)
                .withImagePullSecrets(
                        imagePullSecrets.stream().map(LocalObjectReference::new).toList())
                .withNodeSelector(nodeSelector.isEmpty() ? null : nodeSelector)
                .withTolerations(tolerations)
                .addNewContainer()
                .withImage(image)
                .withImagePullPolicy(imagePullPolicy)
                .withEnv(environment())
                .withResources(resources)
                .addNewVolumeMount()
                .withName(TMP)
                .withMountPath("/tmp")
                .endVolumeMount()
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                // Ours writes nowhere but /tmp; what a user's image does is not known.
                .withReadOnlyRootFilesystem(component.equals(Labels.DATAFLOW) ? true : null)
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .endContainer()
                .addNewVolume()
                .withName(TMP)
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private Map<String, String> templateAnnotations() {
        var annotations = new TreeMap<String, String>();
        annotations.put("autoscaling.knative.dev/min-scale", Integer.toString(minPods));
        annotations.put("autoscaling.knative.dev/max-scale", Integer.toString(maxPods));
        if (store != null) {
            // Renewed credentials reach pods as a new revision; those of the old one end their requests with the old
            // keys.
            annotations.put("tidemill.dev/credentials", store.accessKey);
        }
        return annotations;
    }

    private List<EnvVar> environment() {
        var all = new ArrayList<EnvVar>();
        if (store != null) {
            all.add(new EnvVar("AWS_ENDPOINT_URL_S3", store.store.endpoint(), null));
            all.add(new EnvVar("AWS_REGION", store.store.region(), null));
            all.add(secret("AWS_ACCESS_KEY_ID", store.secret, "accessKey"));
            all.add(secret("AWS_SECRET_ACCESS_KEY", store.secret, "secretKey"));
        }
        all.addAll(env);
        return all;
    }

    private static EnvVar secret(String variable, String secret, String key) {
        return new EnvVarBuilder()
                .withName(variable)
                .withNewValueFrom()
                .withNewSecretKeyRef(key, secret, null)
                .endValueFrom()
                .build();
    }
}
