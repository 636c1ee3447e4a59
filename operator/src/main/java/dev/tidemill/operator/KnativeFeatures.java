package dev.tidemill.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What Knative Serving's administrator has switched on: its ConfigMap {@code config-features}, looked at once a minute. */
public final class KnativeFeatures {

    /** Probes of containers that take no requests. */
    public static final String SIDECAR_PROBES = "multi-container-probing";

    /** Pods of several containers; on unless it is switched off. */
    public static final String SEVERAL_CONTAINERS = "multi-container";

    private static final String CONFIG = "config-features";
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final List<String> namespaces;
    private final Clock clock;
    private Features features = new Features(Map.of());
    private Instant looked = Instant.MIN;

    /** @param namespaces one of which is Knative Serving's */
    public KnativeFeatures(KubernetesClient client, List<String> namespaces, Clock clock) {
        this.client = client;
        this.namespaces = namespaces;
        this.clock = clock;
    }

    /** What is said of features; most have a default where nothing is said. */
    public record Features(Map<String, String> said) {

        public boolean enabled(String feature) {
            return "enabled".equalsIgnoreCase(said.get(feature));
        }

        public boolean disabled(String feature) {
            return "disabled".equalsIgnoreCase(said.get(feature));
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
        for (var namespace : namespaces) {
            try {
                var map = client.configMaps()
                        .inNamespace(namespace)
                        .withName(CONFIG)
                        .get();
                if (map != null && map.getData() != null) {
                    found.putAll(map.getData());
                }
            } catch (KubernetesClientException e) {
                // Of a namespace where we may not read it, nothing is known.
                continue;
            }
        }
        return new Features(found);
    }
}
