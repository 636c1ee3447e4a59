package dev.tidemill.operator.store;

import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.Json;
import dev.tidemill.operator.Labels;
import dev.tidemill.operator.Workload.PrivateCa;
import dev.tidemill.operator.Workload.StoreAccess;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one Secret with S3 credentials for each namespace's data path and for each Function: minted, opening exactly what was
 * asked for, renewed at half of their life (the replaced ones live on until they expire, so that no request in flight fails), and
 * revoked when their owner goes. Where the store mints nothing, the namespace's own Secret is used.
 */
@ApplicationScoped
public class ScopedCredentials {

    static final Duration LIFE = Duration.ofDays(7);

    /** How often a Secret that was in order is looked at again; somebody may have deleted it. */
    private static final Duration TRUST = Duration.ofMinutes(10);

    private static final String POLICY = "tidemill.dev/policy";
    private static final String EXPIRES = "tidemill.dev/expires";
    private static final String STORE = "tidemill.dev/store";

    private final KubernetesClient client;
    private final Clock clock;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final Map<String, Object> locks = new ConcurrentHashMap<>();

    public ScopedCredentials(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /** The Secret that a namespace brings for a store that mints no credentials. */
    static String ownSecret(String store) {
        return "tidemill-store-" + store;
    }

    /** Whose credentials they are. */
    public record Holder(
            String namespace, String secret, @Nullable OwnerReference owner) {
        String key() {
            return namespace + "/" + secret;
        }

        /** Two clusters may share a store. */
        String identity(OpenStore store) {
            return store.uid() + " " + key();
        }
    }

    /** How it went. */
    public sealed interface Outcome {
        record Ready(StoreAccess access) implements Outcome {}

        record Missing(Verdict verdict) implements Outcome {}
    }

    private record Known(OpenStore store, String policy, Instant renewAt, Instant lookAt, Outcome.Ready outcome) {}

    /** Makes the Secret be there and open these prefixes. */
    public Outcome ensure(OpenStore store, Holder holder, Collection<Opening> openings) {
        var admin = store.admin();
        // All Datasets of a namespace share one Secret; it is minted once.
        synchronized (locks.computeIfAbsent(holder.key(), _ -> new Object())) {
            return admin == null ? brought(store, holder) : ensure(admin, store, holder, openings);
        }
    }

    private Outcome ensure(StoreAdmin admin, OpenStore store, Holder holder, Collection<Opening> openings) {
        var policy = AccessPolicy.document(openings);
        var now = Instant.now(clock);
        var before = known.get(holder.key());
        if (before != null
                && before.store == store
                && before.policy.equals(policy)
                && now.isBefore(before.renewAt)
                && now.isBefore(before.lookAt)) {
            return before.outcome;
        }
        try {
            var current = secret(holder.namespace(), holder.secret());
            var kept = before != null && before.store == store && before.policy.equals(policy) && current != null
                    ? keep(store, current, now)
                    : adjust(admin, store, current, policy, now);
            var ready = kept != null ? kept : mint(admin, store, holder, policy, current, now);
            known.put(holder.key(), new Known(store, policy, ready.renewAt, now.plus(TRUST), ready.outcome));
            return ready.outcome;
        } catch (StoreAdmin.AdminException e) {
            return new Outcome.Missing(
                    Verdict.no("Credentials", "NotMinted", e.getMessage() + "; it is tried again on its own"));
        }
    }

    /** The store that a holder's keys were minted by, as their Secret says. */
    public Optional<String> storeOf(Holder holder) {
        return Optional.ofNullable(secret(holder.namespace(), holder.secret()))
                .map(secret -> annotation(secret, STORE))
                .map(address -> address.substring(0, address.indexOf(' ')));
    }

    /** Ends the credentials and removes their Secret; false when the store could not be asked. */
    public boolean revoke(@Nullable OpenStore store, Holder holder) {
        known.remove(holder.key());
        if (store != null && !revokeKeys(store, holder)) {
            return false;
        }
        client.secrets()
                .inNamespace(holder.namespace())
                .withName(holder.secret())
                .delete();
        return true;
    }

    private static boolean revokeKeys(OpenStore store, Holder holder) {
        var admin = store.admin();
        try {
            if (admin != null) {
                admin.revoke(accessKey(holder.identity(store), 0));
                admin.revoke(accessKey(holder.identity(store), 1));
            }
            return true;
        } catch (StoreAdmin.AdminException e) {
            return false;
        }
    }

    /**
     * Access keys follow from their holder, two for each in turn: so that those are found and revoked whose Secret was lost, or never
     * written because we died in between.
     */
    static String accessKey(String identity, int turn) {
        return "TM" + digest(identity + " " + turn).substring(0, 18).toUpperCase(Locale.ROOT);
    }

    /** The CA is the ObjectStore's, and not for a namespace to bring. */
    private Outcome brought(OpenStore store, Holder holder) {
        var name = ownSecret(store.name());
        var accessKey = StoreSecrets.value(secret(holder.namespace(), name), StoreSecrets.ACCESS_KEY);
        if (accessKey == null) {
            return new Outcome.Missing(Verdict.no(
                    "Credentials",
                    "CredentialsMissing",
                    "ObjectStore %s mints no credentials: create the Secret %s in namespace %s with accessKey and secretKey"
                            .formatted(store.name(), name, holder.namespace())));
        }
        var ready = ready(store, name, accessKey, holder.secret());
        var pem = store.config().caPem();
        var now = Instant.now(clock);
        var before = known.get(holder.key());
        if (pem != null && (before == null || before.store != store || !now.isBefore(before.lookAt))) {
            if (!pem.equals(StoreSecrets.value(secret(holder.namespace(), holder.secret()), PrivateCa.KEY))) {
                apply(holder, Map.of(), Map.of(PrivateCa.KEY, pem));
            }
            known.put(holder.key(), new Known(store, "", Instant.MAX, now.plus(TRUST), ready));
        }
        return ready;
    }

    /** @param caSecret that has the CA beside or instead of the keys */
    private static Outcome.Ready ready(OpenStore store, String secret, String accessKey, String caSecret) {
        var pem = store.config().caPem();
        return new Outcome.Ready(new StoreAccess(
                store.spec(), secret, accessKey, pem == null ? null : new PrivateCa(caSecret, digest(pem))));
    }

    private record Current(Instant renewAt, Outcome.Ready outcome) {}

    /** The Secret as it is, when it need not be renewed yet. */
    private static @Nullable Current keep(OpenStore store, Secret secret, Instant now) {
        var accessKey = StoreSecrets.value(secret, StoreSecrets.ACCESS_KEY);
        var expires = annotation(secret, EXPIRES);
        if (accessKey == null || expires == null) {
            return null;
        }
        var renewAt = Instant.parse(expires).minus(LIFE.dividedBy(2));
        var name = secret.getMetadata().getName();
        return now.isBefore(renewAt) ? new Current(renewAt, ready(store, name, accessKey, name)) : null;
    }

    /** Gives the credentials in the Secret the policy; null when the store no longer knows them or they have to be renewed. */
    private @Nullable Current adjust(
            StoreAdmin admin, OpenStore store, @Nullable Secret secret, String policy, Instant now) {
        if (secret == null || !address(store).equals(annotation(secret, STORE))) {
            return null;
        }
        var kept = keep(store, secret, now);
        if (kept == null || !admin.restrict(kept.outcome.access().accessKey(), policy)) {
            return null;
        }
        var pem = store.config().caPem();
        var differs = pem != null && !pem.equals(StoreSecrets.value(secret, PrivateCa.KEY));
        if (differs || !digest(policy).equals(annotation(secret, POLICY))) {
            client.resource(secret)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            Json.text(Map.of(
                                    "metadata",
                                    Map.of("annotations", Map.of(POLICY, digest(policy))),
                                    "data",
                                    pem == null ? Map.of() : Map.of(PrivateCa.KEY, encoded(pem)))));
        }
        return kept;
    }

    private Current mint(
            StoreAdmin admin, OpenStore store, Holder holder, String policy, @Nullable Secret before, Instant now) {
        var expires = now.plus(LIFE);
        var first = accessKey(holder.identity(store), 0);
        var replaced = before == null ? null : StoreSecrets.value(before, StoreSecrets.ACCESS_KEY);
        var minted = admin.mint(
                first.equals(replaced) ? accessKey(holder.identity(store), 1) : first, policy, holder.key(), expires);
        var data = new TreeMap<>(Map.of(
                StoreSecrets.ACCESS_KEY, minted.accessKey(),
                StoreSecrets.SECRET_KEY, minted.secretKey()));
        if (store.config().caPem() instanceof String pem) {
            data.put(PrivateCa.KEY, pem);
        }
        apply(holder, Map.of(POLICY, digest(policy), EXPIRES, expires.toString(), STORE, address(store)), data);
        return new Current(
                expires.minus(LIFE.dividedBy(2)), ready(store, holder.secret(), minted.accessKey(), holder.secret()));
    }

    private void apply(Holder holder, Map<String, String> annotations, Map<String, String> data) {
        var encoded = new TreeMap<String, String>();
        data.forEach((key, value) -> encoded.put(key, encoded(value)));
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(holder.secret())
                        .withNamespace(holder.namespace())
                        .withLabels(Labels.of("credentials"))
                        .withAnnotations(annotations)
                        .withOwnerReferences(holder.owner() == null ? List.of() : List.of(holder.owner()))
                        .endMetadata()
                        .withType("Opaque")
                        .withData(encoded)
                        .build())
                .fieldManager(Labels.MANAGER)
                .forceConflicts()
                .serverSideApply();
    }

    private static String encoded(String value) {
        return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
    }

    private @Nullable Secret secret(String namespace, String name) {
        return client.secrets().inNamespace(namespace).withName(name).get();
    }

    private static String address(OpenStore store) {
        return store.name() + " " + store.spec().endpoint();
    }

    private static @Nullable String annotation(Secret secret, String key) {
        var annotations = secret.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(key);
    }

    private static String digest(String text) {
        try {
            var sha = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
