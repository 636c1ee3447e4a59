package dev.tidemill.operator.dataset;

import dev.tidemill.api.Access;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.operator.Applier;
import dev.tidemill.operator.KnativeReadiness;
import dev.tidemill.operator.OperatorConfig;
import dev.tidemill.operator.function.Callers;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.operator.store.Opening;
import dev.tidemill.operator.store.ScopedCredentials;
import dev.tidemill.operator.store.ScopedCredentials.Holder;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a namespace gets on first need: materializer and profiler, with its own credentials, from zero. */
final class DataPath {

    private static final String DEPLOYED = "DataPath";

    private final DataflowManifests manifests;
    private final ScopedCredentials credentials;

    DataPath(OperatorConfig config, ScopedCredentials credentials) {
        this.manifests = new DataflowManifests(config);
        this.credentials = credentials;
    }

    /** How far it is. */
    sealed interface State {
        record Serving(URI materializer, URI worker) implements State {}

        record Waiting(Verdict verdict) implements State {}
    }

    State ensure(String namespace, OpenStore store, Grants grants, Applier<DatasetResource> applier) {
        // All grants of the namespace, and its own folder of the state bucket: its Datasets share one materializer.
        var openings = new ArrayList<>(grants.openings());
        openings.add(new Opening(store.spec().stateBucket(), namespace + "/", Access.ReadWrite));
        var holder = new Holder(namespace, DataflowManifests.secret(store.name()), null);
        return switch (credentials.ensure(store, holder, openings)) {
            case ScopedCredentials.Outcome.Missing(var verdict) -> new State.Waiting(verdict);
            case ScopedCredentials.Outcome.Ready(var access) -> {
                applier.apply(manifests.networkPolicy(namespace));
                manifests.serviceAccount(namespace).ifPresent(applier::apply);
                try {
                    var materializer = applier.serve(manifests.materializer(namespace, store.name(), access));
                    var worker = applier.serve(manifests.worker(namespace, store.name(), access));
                    yield state(materializer, worker);
                } catch (Applier.NameTakenException e) {
                    yield new State.Waiting(e.verdict(DEPLOYED));
                }
            }
        };
    }

    /**
     * Takes it away again, when no Dataset of the namespace uses that store any more; false when the store could not be asked.
     *
     * @param last whether none uses any other one either
     */
    boolean remove(
            String namespace,
            String storeName,
            @Nullable OpenStore store,
            boolean last,
            Applier<DatasetResource> applier) {
        for (var name : List.of(DataflowManifests.materializer(storeName), DataflowManifests.worker(storeName))) {
            applier.delete(Service.class, namespace, name);
        }
        if (last) {
            applier.delete(NetworkPolicy.class, namespace, DataflowManifests.POLICY);
            applier.delete(ServiceAccount.class, namespace, Callers.DATA_PATH);
        }
        return credentials.revoke(store, new Holder(namespace, DataflowManifests.secret(storeName), null));
    }

    /** A service that has been routed to once is used while its next revision comes up. */
    private static State state(Service materializer, Service worker) {
        var first = KnativeReadiness.url(materializer);
        var second = KnativeReadiness.url(worker);
        if (first.isPresent() && second.isPresent()) {
            return new State.Serving(first.get(), second.get());
        }
        return new State.Waiting(KnativeReadiness.verdict(DEPLOYED, first.isEmpty() ? materializer : worker));
    }
}
