package dev.tidemill.operator.events;

import dev.tidemill.operator.Labels;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The words by which a function's gate knows deliveries of brokers and schedules, in a Secret of its namespace: the one in use, the one
 * before, and the one to come, so that a gate knows it before the first delivery.
 */
public final class DeliveryWords {

    /** Before the word. */
    public static final String DELIVER = "/_tidemill/deliver/";

    /** How often a Secret that was in order is looked at again; somebody may have deleted it. */
    private static final Duration TRUST = Duration.ofMinutes(10);

    private final KubernetesClient client;
    private final EventsAddress address;
    private final Clock clock;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    private record Known(Map<String, String> words, Instant lookAt) {}

    public DeliveryWords(KubernetesClient client, EventsAddress address, Clock clock) {
        this.client = client;
        this.address = address;
        this.clock = clock;
    }

    /** The Secret. */
    public static String secret(String function) {
        return "tidemill-deliveries-" + function;
    }

    /** Where deliveries go, below the function's address. */
    public String path(String namespace, String function) {
        return DELIVER + address.word(namespace, function, 0) + "/";
    }

    /** Makes the Secret be there. */
    public void ensure(String namespace, String function, OwnerReference owner) {
        var words = new TreeMap<String, String>();
        words.put("before", address.word(namespace, function, -1));
        words.put("now", address.word(namespace, function, 0));
        words.put("next", address.word(namespace, function, 1));
        var key = namespace + "/" + function + "/" + owner.getUid();
        var now = Instant.now(clock);
        var before = known.get(key);
        if (before != null && before.words.equals(words) && now.isBefore(before.lookAt)) {
            return;
        }
        var data = new TreeMap<String, String>();
        words.forEach((name, word) ->
                data.put(name, Base64.getEncoder().encodeToString(word.getBytes(StandardCharsets.UTF_8))));
        var found = client.secrets()
                .inNamespace(namespace)
                .withName(secret(function))
                .get();
        if (found == null || !Objects.equals(found.getData(), data)) {
            var labels = Labels.of(EventingManifests.COMPONENT);
            labels.put(Labels.FUNCTION, function);
            client.resource(new SecretBuilder()
                            .withNewMetadata()
                            .withName(secret(function))
                            .withNamespace(namespace)
                            .withLabels(labels)
                            .withOwnerReferences(owner)
                            .endMetadata()
                            .withType("Opaque")
                            .withData(data)
                            .build())
                    .fieldManager(Labels.MANAGER)
                    .forceConflicts()
                    .serverSideApply();
        }
        known.put(key, new Known(words, now.plus(TRUST)));
    }
}
