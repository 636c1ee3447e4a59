package dev.tidemill.operator.events;

import dev.tidemill.operator.Labels;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The operator's address for a namespace's broker. Brokers without OIDC deliver without credentials, so the path is the credential:
 * an HMAC of the namespace and of the thirty days that it is good for, and thirty more, under a key that only the operator reads.
 */
public final class EventsAddress {

    static final String SECRET = "tidemill-events";
    private static final String KEY = "key";
    private static final long PERIOD = Duration.ofDays(30).toMillis();

    private final KubernetesClient client;
    private final URI base;
    private final String operatorNamespace;
    private final Clock clock;
    private byte @Nullable [] key;

    /** @param base how pods reach the operator */
    public EventsAddress(KubernetesClient client, URI base, String operatorNamespace, Clock clock) {
        this.client = client;
        this.base = base;
        this.operatorNamespace = operatorNamespace;
        this.clock = clock;
    }

    /** Where wake-ups of that namespace go. */
    public URI wakeUps(String namespace) {
        return base.resolve("/events/" + namespace + "/" + token(namespace, period()));
    }

    /** Where events go that a function of that namespace could not be given. */
    public URI deadLetters(String namespace, String function) {
        return base.resolve("/events/" + namespace + "/" + token(namespace, period()) + "/dead/" + function);
    }

    /**
     * The word that a function's gate takes for a delivery.
     *
     * @param periods from now: 0 for the one in use, 1 for the one after it
     */
    String word(String namespace, String function, int periods) {
        // No namespace has a line of its own in its name, so that no word is anybody's token.
        return token("deliver\n" + namespace + "\n" + function, period() + periods);
    }

    /** Whether the token is, or lately was, that namespace's. */
    public boolean isOf(String namespace, String token) {
        var given = token.getBytes(StandardCharsets.UTF_8);
        // Both are compared always: how long it takes tells nothing.
        return MessageDigest.isEqual(given, bytes(namespace, period()))
                | MessageDigest.isEqual(given, bytes(namespace, period() - 1));
    }

    private byte[] bytes(String namespace, long period) {
        return token(namespace, period).getBytes(StandardCharsets.UTF_8);
    }

    private long period() {
        return clock.millis() / PERIOD;
    }

    private String token(String namespace, long period) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key(), "HmacSHA256"));
            var digest = mac.doFinal((namespace + "\n" + period).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    private synchronized byte[] key() {
        if (key == null) {
            key = stored();
        }
        return key;
    }

    /** Of two replicas that find no key, one creates it and the other one reads that. */
    private byte[] stored() {
        var secrets = client.secrets().inNamespace(operatorNamespace);
        var found = secrets.withName(SECRET).get();
        if (found == null) {
            var fresh = new byte[32];
            new SecureRandom().nextBytes(fresh);
            try {
                found = client.resource(new SecretBuilder()
                                .withNewMetadata()
                                .withName(SECRET)
                                .withNamespace(operatorNamespace)
                                .withLabels(Labels.of("events"))
                                .endMetadata()
                                .addToData(KEY, Base64.getEncoder().encodeToString(fresh))
                                .build())
                        .create();
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw e;
                }
                found = secrets.withName(SECRET).get();
            }
        }
        return Base64.getDecoder().decode(found.getData().get(KEY));
    }
}
