package dev.tidemill.operator;

import dev.tidemill.api.EnvVar;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What Knative's administrator has switched on: the ConfigMaps {@code config-features} of Serving and of Eventing, looked at once a minute. */
public final class KnativeFeatures {

    /** Probes of containers that take no requests. */
    public static final String SIDECAR_PROBES = "multi-container-probing";

    /** Pods of several containers; on unless it is switched off. */
    public static final String SEVERAL_CONTAINERS = "multi-container";

    /** Tokens by which senders and receivers of events know each other; off unless it is switched on. */
    public static final String OIDC = "authentication-oidc";

    /** The reason of what cannot be without one that is off. */
    public static final String DISABLED = "FeatureDisabled";

    private static final String NODE_SELECTOR = "kubernetes.podspec-nodeselector";
    private static final String TOLERATIONS = "kubernetes.podspec-tolerations";
    private static final String FIELD_REF = "kubernetes.podspec-fieldref";

    private static final String EVENTING = "knative-eventing";
    private static final String CONFIG = "config-features";
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final List<String> namespaces;
    private final Clock clock;
    private Features features = new Features(Map.of(), false);
    private Instant looked = Instant.MIN;

    /** @param namespaces one of which is Knative Serving's */
    public KnativeFeatures(KubernetesClient client, List<String> namespaces, Clock clock) {
        this.client = client;
        this.namespaces = Stream.concat(namespaces.stream(), Stream.of(EVENTING))
                .distinct()
                .toList();
        this.clock = clock;
    }

    /**
     * What is said of features; most have a default where nothing is said.
     *
     * @param known whether Serving's ConfigMap could be read
     */
    public record Features(Map<String, String> said, boolean known) {

        public boolean enabled(String feature) {
            return "enabled".equalsIgnoreCase(said.get(feature));
        }

        public boolean disabled(String feature) {
            return "disabled".equalsIgnoreCase(said.get(feature));
        }

        /**
         * What Knative would refuse of a pod, and what lets it be; empty where it refuses nothing.
         *
         * @param env in which a variable may be told of its pod
         */
        public Optional<String> refusal(Map<String, String> nodeSelector, List<?> tolerations, List<EnvVar> env) {
            return Stream.of(
                            nodeSelector.isEmpty() ? null : lacking("spec.nodeSelector", NODE_SELECTOR),
                            tolerations.isEmpty() ? null : lacking("spec.tolerations", TOLERATIONS),
                            env.stream().noneMatch(Features::tellsOfPod)
                                    ? null
                                    : lacking("a fieldRef or resourceFieldRef in spec.env", FIELD_REF))
                    .filter(Objects::nonNull)
                    .findFirst();
        }

        private static boolean tellsOfPod(EnvVar variable) {
            var from = variable.valueFrom();
            return from != null && (from.fieldRef() != null || from.resourceFieldRef() != null);
        }

        private @Nullable String lacking(String field, String feature) {
            return isOff(feature)
                    ? "%s is refused by Knative as it is: set %s: enabled in Knative Serving's ConfigMap config-features"
                            .formatted(field, feature)
                    : null;
        }

        private boolean isOff(String feature) {
            return known && !enabled(feature) && !"allowed".equalsIgnoreCase(said.get(feature));
        }
    }

    public synchronized Features current() {
        var now = Instant.now(clock);
        if (looked.isBefore(now.minus(AGAIN))) {
            features = read();
            looked = now;
        }
        return features;
    }

    private Features read() {
        var found = new HashMap<String, String>();
        var known = false;
        for (var namespace : namespaces) {
            try {
                var map = client.configMaps()
                        .inNamespace(namespace)
                        .withName(CONFIG)
                        .get();
                if (map != null) {
                    known |= !namespace.equals(EVENTING);
                    found.putAll(map.getData() == null ? Map.of() : map.getData());
                }
            } catch (KubernetesClientException e) {
                // Of a namespace where we may not read it, nothing is known.
                continue;
            }
        }
        return new Features(found, known);
    }
}
