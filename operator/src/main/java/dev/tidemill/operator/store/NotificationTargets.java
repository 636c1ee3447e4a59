package dev.tidemill.operator.store;

import dev.tidemill.operator.Labels;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a store sends its notifications, and the token by which we know that it was that store. A server that speaks MinIO's dialect
 * has webhook targets in its environment, so that its administrator copies address and token there.
 */
public final class NotificationTargets {

    static final String TOKEN = "token";

    private final KubernetesClient client;
    private final String namespace;
    private final URI base;
    private final Map<String, String> tokens = new ConcurrentHashMap<>();

    /** @param base how stores reach the operator */
    public NotificationTargets(KubernetesClient client, String namespace, URI base) {
        this.client = client;
        this.namespace = namespace;
        this.base = base;
    }

    /** The token of a store that {@link #ensure} was called for. */
    public @Nullable String token(String store) {
        return tokens.get(store);
    }

    /** Makes the Secret with the token be there. One that the installation brings is taken as it is. */
    void ensure(String store) {
        var secrets = client.secrets().inNamespace(namespace);
        var token = StoreSecrets.value(secrets.withName(secret(store)).get(), TOKEN);
        if (token == null) {
            var fresh = new byte[24];
            new SecureRandom().nextBytes(fresh);
            token = HexFormat.of().formatHex(fresh);
            try {
                client.resource(new SecretBuilder()
                                .withNewMetadata()
                                .withName(secret(store))
                                .withNamespace(namespace)
                                .withLabels(Labels.of("store-events"))
                                .endMetadata()
                                .addToStringData(TOKEN, token)
                                .build())
                        .create();
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw e;
                }
                return; // Somebody was faster; the next look takes theirs.
            }
        }
        tokens.put(store, token);
    }

    /** The target's name in the store's environment. */
    static String id(String store) {
        return "TIDEMILL_" + store.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    static String arn(String store) {
        return "arn:minio:sqs::" + id(store) + ":webhook";
    }

    static String secret(String store) {
        return "tidemill-store-events-" + store;
    }

    URI address(String store) {
        return base.resolve("/stores/" + store + "/events");
    }

    /** What the store's administrator has to do. */
    String remedy(String store) {
        return "start the store with MINIO_NOTIFY_WEBHOOK_ENABLE_%1$s=on, _ENDPOINT_%1$s=%2$s, _AUTH_TOKEN_%1$s=the token of Secret %3$s (namespace %4$s), _QUEUE_DIR_%1$s=a folder; until then changes are found by listing, at each resync"
                .formatted(id(store), address(store), secret(store), namespace);
    }
}
