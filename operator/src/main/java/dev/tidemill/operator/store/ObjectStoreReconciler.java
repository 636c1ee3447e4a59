package dev.tidemill.operator.store;

import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.ObjectStoreSpec.Dialect;
import dev.tidemill.operator.KubernetesEvents;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.SpecOrAnnotationsChanged;
import dev.tidemill.operator.events.Declarations;
import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.StoreException;
import dev.tidemill.store.StoreProbe;
import dev.tidemill.store.Stores;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.rate.RateLimited;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Measures what a store really does, makes its state bucket, and keeps a connection for the other reconcilers. A store that works
 * is asked every {@link OperatorConfig#storeCheck}; it is measured again when its resource, its Secrets or its server changed.
 */
// For good: an API server that is away for an hour must not leave a resource behind.
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
@RateLimited(maxReconciliations = 2, within = 5)
@ControllerConfiguration(
        name = "objectstore",
        // Deletions too, without a finalizer, which would have to be taken off by hand where the operator went first.
        triggerReconcilerOnAllEvents = true,
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = SpecOrAnnotationsChanged.class))
public final class ObjectStoreReconciler implements Reconciler<ObjectStoreResource> {

    /** Races for each ability. A store that locks nothing was caught within 15 of 60. */
    private static final int ROUNDS = 20;

    /** Annotation: names of buckets, with commas between them, that are made where they are missing. */
    private static final String MAKE_BUCKETS = "tidemill.dev/make-buckets";

    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final String PROBE_PREFIX = ".tidemill/";

    private final OpenStores stores;
    private final StoreSecrets secrets;
    private final BucketNotifications notifications;
    private final Declarations declarations;
    private final KubernetesEvents events;
    private final OperatorConfig config;
    private final Clock clock;
    private final Map<String, Last> last = new ConcurrentHashMap<>();
    private final Set<String> toldOf = ConcurrentHashMap.newKeySet();

    public ObjectStoreReconciler(
            OpenStores stores,
            NotificationTargets targets,
            Declarations declarations,
            KubernetesEvents events,
            KubernetesClient client,
            OperatorConfig config,
            Clock clock) {
        this.stores = stores;
        this.notifications = new BucketNotifications(targets);
        this.declarations = declarations;
        this.events = events;
        this.secrets = new StoreSecrets(client, config.namespace());
        this.config = config;
        this.clock = clock;
    }

    /** What was found, and of which configuration. */
    private record Last(StoreConfigVersion version, StoreFinding finding, Instant at) {}

    /** Whatever makes a measurement worthless when it changes. */
    private record StoreConfigVersion(String uid, long generation, String secrets) {}

    @Override
    public UpdateControl<ObjectStoreResource> reconcile(
            ObjectStoreResource resource, Context<ObjectStoreResource> context) throws InterruptedException {
        if (context.isPrimaryResourceDeleted()) {
            stores.remove(resource.name());
            last.remove(resource.name());
            toldOf.remove(resource.name());
            notifications.forget(resource.name());
            return UpdateControl.noUpdate();
        }
        if (resource.paused()) {
            return UpdateControl.noUpdate();
        }
        toldOf.remove(resource.name());
        var found = look(resource);
        var notified = stores.find(resource.name())
                .map(store -> notifications.declare(store, declarations.covering(store.name())))
                .orElse(null);
        var status = StoreVerdicts.status(
                clock, resource.generation(), resource.getStatus(), found.finding, found.at, notified);
        var again = found.finding instanceof StoreFinding.Measured ? config.storeCheck() : RETRY;
        if (status.equals(resource.getStatus())) {
            return UpdateControl.<ObjectStoreResource>noUpdate().rescheduleAfter(again);
        }
        var patch = new ObjectStoreResource();
        patch.setMetadata(new ObjectMetaBuilder().withName(resource.name()).build());
        patch.setStatus(status);
        events.transitions(
                resource,
                resource.getStatus() == null ? List.of() : resource.getStatus().conditions(),
                status.conditions());
        return UpdateControl.patchStatus(patch).rescheduleAfter(again);
    }

    /** What has to be notified of follows from other resources. */
    @Override
    public List<EventSource<?, ObjectStoreResource>> prepareEventSources(
            EventSourceContext<ObjectStoreResource> context) {
        var declared = new SimpleInboundEventSource<ObjectStoreResource>("declarations");
        // Once until it was looked at: ten thousand Datasets that declare themselves at once wait for each other
        // otherwise.
        declarations.onChange(store -> {
            if (toldOf.add(store)) {
                declared.propagateEvent(new ResourceID(store));
            }
        });
        return List.of(declared);
    }

    private Last look(ObjectStoreResource resource) throws InterruptedException {
        var name = resource.name();
        var read = secrets.read(resource.getSpec());
        var version = new StoreConfigVersion(resource.getMetadata().getUid(), resource.generation(), read.versions());
        if (read.config() == null) {
            stores.remove(name);
            return remember(name, version, new StoreFinding.Unusable("SecretMissing", read.complaint()));
        }
        var before = last.get(name);
        if (before != null && before.version.equals(version) && stillHolds(name, before)) {
            return before;
        }
        return remember(name, version, measure(resource, read.config()));
    }

    private Last remember(String name, StoreConfigVersion version, StoreFinding finding) {
        var found = new Last(version, finding, Instant.now(clock));
        last.put(name, found);
        return found;
    }

    /** Whether the store answers and has not been started since it was measured. */
    private boolean stillHolds(String name, Last before) {
        var open = stores.find(name);
        if (open.isEmpty() || !(before.finding instanceof StoreFinding.Measured)) {
            return false;
        }
        if (open.get().admin() == null && open.get().spec().dialect() != Dialect.Generic) {
            // What it could not mint then it may now.
            return false;
        }
        try {
            var store = open.get();
            return store.client().bucketExists(store.spec().stateBucket())
                    && (store.admin() == null || !store.admin().startedAt().isAfter(before.at));
        } catch (StoreException | StoreAdmin.AdminException e) {
            return false;
        }
    }

    private StoreFinding measure(ObjectStoreResource resource, StoreConfig storeConfig) throws InterruptedException {
        var spec = resource.getSpec();
        var client = Stores.connect(storeConfig);
        var kept = false;
        try {
            client.createBucket(spec.stateBucket());
            for (var bucket : bucketsToMake(resource)) {
                client.createBucket(bucket);
            }
            var probe = new StoreProbe(client, spec.stateBucket(), PROBE_PREFIX, ROUNDS).run();
            var admin = spec.dialect() == Dialect.Generic ? null : new MinioAdmin(storeConfig);
            var scoped = mints(resource.name(), admin);
            var usable = scoped.status() == dev.tidemill.api.Condition.Status.True;
            if (probe.canCommit()) {
                stores.put(new OpenStore(
                        resource.name(),
                        resource.getMetadata().getUid(),
                        spec,
                        storeConfig,
                        client,
                        usable ? admin : null));
                kept = true;
            }
            return new StoreFinding.Measured(probe, scoped);
        } catch (StoreException e) {
            return StoreFinding.Unusable.because(e, resource.reference());
        } catch (StoreAdmin.AdminException e) {
            return new StoreFinding.Unusable(
                    "Unreachable",
                    e.getMessage()
                            + "; it is tried again on its own. Where the store has no such API, set spec.dialect to Generic");
        } finally {
            if (!kept) {
                stores.remove(resource.name());
                client.close();
            }
        }
    }

    private static List<String> bucketsToMake(ObjectStoreResource resource) {
        var names = resource.annotation(MAKE_BUCKETS);
        return names == null || names.isBlank()
                ? List.of()
                : List.of(names.strip().split("\\s*,\\s*", -1));
    }

    /**
     * Mints credentials that open nothing, and takes them back.
     *
     * @throws StoreAdmin.AdminException when there is no telling yet: nobody is to be asked for credentials because a store restarts
     */
    private Verdict mints(String name, @Nullable StoreAdmin admin) {
        var remedy = "; until then every namespace brings a Secret %s with accessKey and secretKey"
                .formatted(ScopedCredentials.ownSecret(name));
        if (admin == null) {
            return Verdict.no(StoreFinding.SCOPED, "Generic", "dialect Generic mints no credentials" + remedy);
        }
        try {
            var probe = admin.mint(
                    ScopedCredentials.accessKey("probe " + name, 0),
                    AccessPolicy.document(
                            List.of(new Opening("tidemill-probe", "nothing/", dev.tidemill.api.Access.Read))),
                    "probe",
                    Instant.now(clock).plus(Duration.ofHours(1)));
            admin.revoke(probe.accessKey());
            return Verdict.yes(StoreFinding.SCOPED, "Minted");
        } catch (StoreAdmin.AdminException e) {
            if (e.passing()) {
                throw e;
            }
            return Verdict.no(StoreFinding.SCOPED, "NotMinted", e.getMessage() + remedy);
        }
    }
}
