package dev.tidemill.operator;

import dev.tidemill.api.ObjectStoreSpec;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pods behind a Knative Service, as everything in a user's namespace runs: from zero, unreachable from outside the cluster, without a
 * token of the API server.
 *
 * @param component becomes the label by which NetworkPolicies choose its pods
 * @param containers as {@link Containers} makes them; of several the one with a port takes the requests
 * @param store whose credentials they have, or null
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
        List<String> imagePullSecrets,
        List<Container> containers,
        List<Volume> volumes,
        @Nullable StoreAccess store,
        int minPods,
        int maxPods,
        int concurrency,
        Duration timeout,
        Map<String, String> nodeSelector,
        List<Toleration> tolerations) {

    /**
     * How a container reaches the object store.
     *
     * @param secret with accessKey and secretKey
     * @param accessKey of the credentials in the Secret; pods with another one are replaced
     * @param ca who signs the store's certificate, where the platform does not know it
     */
    public record StoreAccess(
            ObjectStoreSpec store,
            String secret,
            String accessKey,
            @Nullable PrivateCa ca) {

        private static final String CA_FOLDER = "/var/run/tidemill/store";
        private static final String CA_VOLUME = "store-ca";
        private static final String CA_BUNDLE = "AWS_CA_BUNDLE";

        /** What any S3 SDK looks for, and what ours does. */
        public List<EnvVar> environment() {
            var all = new ArrayList<>(List.of(
                    new EnvVar("AWS_ENDPOINT_URL_S3", store.endpoint(), null),
                    new EnvVar("AWS_REGION", store.region(), null),
                    secret("AWS_ACCESS_KEY_ID", "accessKey"),
                    secret("AWS_SECRET_ACCESS_KEY", "secretKey")));
            if (!store.pathStyle()) {
                all.add(new EnvVar("TIDEMILL_STORE_PATH_STYLE", "false", null));
            }
            if (ca != null) {
                // Node knows no bundle of AWS', only one of its own, which it trusts beside the usual ones.
                all.add(new EnvVar(CA_BUNDLE, CA_FOLDER + "/" + PrivateCa.KEY, null));
                all.add(new EnvVar("NODE_EXTRA_CA_CERTS", CA_FOLDER + "/" + PrivateCa.KEY, null));
            }
            return all;
        }

        private EnvVar secret(String variable, String key) {
            return new EnvVarBuilder()
                    .withName(variable)
                    .withNewValueFrom()
                    .withNewSecretKeyRef(key, secret, null)
                    .endValueFrom()
                    .build();
        }

        private Container mounted(Container container) {
            return container.getEnv().stream()
                            .noneMatch(variable -> variable.getName().equals(CA_BUNDLE))
                    ? container
                    : new ContainerBuilder(container)
                            .addNewVolumeMount()
                            .withName(CA_VOLUME)
                            .withMountPath(CA_FOLDER)
                            .withReadOnly(true)
                            .endVolumeMount()
                            .build();
        }

        private Stream<Volume> volumes() {
            return Stream.ofNullable(ca)
                    .map(trusted -> new VolumeBuilder()
                            .withName(CA_VOLUME)
                            .withNewSecret()
                            .withSecretName(trusted.secret)
                            .addNewItem()
                            .withKey(PrivateCa.KEY)
                            .withPath(PrivateCa.KEY)
                            .endItem()
                            .endSecret()
                            .build());
        }
    }

    /**
     * A certificate authority of the store's own.
     *
     * @param secret in the pod's namespace, which has it as {@link #KEY}
     * @param digest of the certificates; pods with others are replaced
     */
    public record PrivateCa(String secret, String digest) {

        public static final String KEY = "ca.crt";
    }

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
                .withContainers(
                        store == null
                                ? containers
                                : containers.stream().map(store::mounted).toList())
                .withVolumes(
                        store == null
                                ? volumes
                                : Stream.concat(volumes.stream(), store.volumes())
                                        .toList())
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private Map<String, String> templateAnnotations() {
        var annotations = new TreeMap<String, String>();
        annotations.put("autoscaling.knative.dev/min-scale", Integer.toString(minPods));
        annotations.put("autoscaling.knative.dev/max-scale", Integer.toString(maxPods));
        if (concurrency == 1) {
            // Knative plans pods for 70 % of what they can take: one request would want 1 / 0.7 of a pod, which are
            // two.
            annotations.put("autoscaling.knative.dev/target-utilization-percentage", "100");
        }
        if (store != null) {
            // Renewed credentials reach pods as a new revision; those of the old one end their requests with the old
            // keys.
            annotations.put("tidemill.dev/credentials", store.accessKey);
            if (store.ca != null) {
                annotations.put("tidemill.dev/store-ca", store.ca.digest);
            }
        }
        return annotations;
    }
}
