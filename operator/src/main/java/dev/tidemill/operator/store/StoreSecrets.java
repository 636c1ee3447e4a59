package dev.tidemill.operator.store;

import dev.tidemill.api.ObjectStoreSpec;
import dev.tidemill.operator.Workload.PrivateCa;
import dev.tidemill.store.Credentials;
import dev.tidemill.store.StoreConfig;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the Secrets of an ObjectStore, by name, from the operator's namespace. */
final class StoreSecrets {

    static final String ACCESS_KEY = "accessKey";
    static final String SECRET_KEY = "secretKey";

    private final KubernetesClient client;
    private final String namespace;

    StoreSecrets(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /**
     * What the Secrets gave.
     *
     * @param config null when something is missing, which {@code complaint} names
     * @param versions changes whenever one of the Secrets does
     */
    record Read(@Nullable StoreConfig config, String versions, String complaint) {}

    Read read(ObjectStoreSpec spec) {
        var keys = secret(spec.credentialsSecret());
        var accessKey = value(keys, ACCESS_KEY);
        var secretKey = value(keys, SECRET_KEY);
        if (accessKey == null || secretKey == null) {
            return missing(spec.credentialsSecret(), ACCESS_KEY + " and " + SECRET_KEY);
        }
        var config = StoreConfig.of(URI.create(spec.endpoint()), new Credentials(accessKey, secretKey))
                .withRegion(spec.region())
                .withPathStyle(spec.pathStyle());
        if (spec.caSecret() == null) {
            return new Read(config, version(keys), "");
        }
        var ca = secret(spec.caSecret());
        var pem = value(ca, PrivateCa.KEY);
        return pem == null
                ? missing(spec.caSecret(), PrivateCa.KEY)
                : new Read(config.withCa(pem), version(keys) + "," + version(ca), "");
    }

    private Read missing(String name, String keys) {
        return new Read(
                null, "", "Secret %s of namespace %s with %s is missing: create it".formatted(name, namespace, keys));
    }

    private @Nullable Secret secret(String name) {
        return client.secrets().inNamespace(namespace).withName(name).get();
    }

    private static String version(@Nullable Secret secret) {
        return secret == null ? "" : secret.getMetadata().getResourceVersion();
    }

    static @Nullable String value(@Nullable Secret secret, String key) {
        Map<String, String> data = secret == null ? null : secret.getData();
        var encoded = data == null ? null : data.get(key);
        if (encoded == null || encoded.isBlank()) {
            return null;
        }
        return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8).strip();
    }
}
