package dev.tidemill.operator;

import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.operator.dataset.DatasetReconciler;
import dev.tidemill.operator.dataset.Datasets;
import dev.tidemill.operator.dataset.Drive;
import dev.tidemill.operator.dataset.Trainings;
import dev.tidemill.operator.events.Brokers;
import dev.tidemill.operator.events.Declarations;
import dev.tidemill.operator.events.DeliveryWords;
import dev.tidemill.operator.events.EventsAddress;
import dev.tidemill.operator.events.EventsEndpoint;
import dev.tidemill.operator.events.Forwarder;
import dev.tidemill.operator.events.Inbox;
import dev.tidemill.operator.events.LostEvents;
import dev.tidemill.operator.events.NamespaceBroker;
import dev.tidemill.operator.events.SenderTokens;
import dev.tidemill.operator.events.StoreInbox;
import dev.tidemill.operator.function.FunctionReconciler;
import dev.tidemill.operator.model.DriftWatch;
import dev.tidemill.operator.model.ModelReconciler;
import dev.tidemill.operator.serving.ServingReconciler;
import dev.tidemill.operator.store.NotificationTargets;
import dev.tidemill.operator.store.ObjectStoreReconciler;
import dev.tidemill.operator.store.OpenStores;
import dev.tidemill.operator.store.ScopedCredentials;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The operator as {@link OperatorLifecycle} starts it, without its HTTP server, and without its lease unless it is asked to. */
public final class RunningOperator implements AutoCloseable {

    private final Runnable stop;
    private final Drive drive;
    private final HttpFunctionClient http = new HttpFunctionClient();
    private final Forwarder forwarder;
    private final EventsEndpoint endpoint;
    private final ServedKinds served;

    public RunningOperator(KubernetesClient client, OperatorConfig config, Clock clock) throws IOException {
        this(client, config, clock, null);
    }

    /** @param installation the file with the ObjectStore of an installation; with it, it waits for its lease as an installed one does */
    public RunningOperator(KubernetesClient client, OperatorConfig config, Clock clock, @Nullable Path installation)
            throws IOException {
        var datasets = new Datasets();
        var stores = new OpenStores();
        var credentials = new ScopedCredentials(client, clock);
        served = new ServedKinds(client);
        var address = new EventsAddress(client, config.address(), config.namespace(), clock);
        var broker = new NamespaceBroker(client, config, address);
        var declarations = new Declarations();
        var targets = new NotificationTargets(client, config.namespace(), config.address());
        var events = new KubernetesEvents(client, Runnable::run, clock);
        var lost = new LostEvents(client, stores, http, events, clock);
        var brokers = new Brokers(client, served, http, new SenderTokens(client, config, clock));
        drive = new Drive(brokers, http, config);
        forwarder = new Forwarder(brokers, Duration.ofMillis(100));
        var leadership = new Leadership();
        leadership.taken();
        endpoint = new EventsEndpoint(
                leadership,
                new Inbox(address, declarations, drive::changed),
                lost,
                new StoreInbox(stores, targets, declarations, drive::changed, forwarder));
        var features = new KnativeFeatures(client, config.trustedNamespaces(), clock);
        var words = new DeliveryWords(client, address, clock);
        if (installation != null) {
            var lifecycle = new OperatorLifecycle(
                    Optional.of(installation),
                    client,
                    config,
                    clock,
                    datasets,
                    stores,
                    credentials,
                    served,
                    features,
                    broker,
                    address,
                    words,
                    lost,
                    declarations,
                    targets,
                    events,
                    leadership,
                    drive,
                    brokers,
                    http);
            lifecycle.start(new StartupEvent());
            stop = () -> lifecycle.stop(new ShutdownEvent());
            return;
        }
        var operator =
                new Operator(overrider -> overrider.withKubernetesClient(client).withCloseClientOnStop(false));
        operator.register(new ObjectStoreReconciler(stores, targets, declarations, events, client, config, clock));
        var means = new ServingReconciler.Means(datasets, stores, credentials, events, clock);
        operator.register(
                new FunctionReconciler(means, served, features, broker, address, words, lost, declarations, config));
        operator.register(new DatasetReconciler(
                client, datasets, stores, credentials, drive, served, broker, declarations, events, config, clock));
        operator.register(new ModelReconciler(
                means,
                served,
                config,
                new Trainings(drive, datasets, stores, DatasetReconciler.cluster(client), config),
                new DriftWatch(http, brokers),
                drive));
        operator.start();
        stop = operator::stop;
    }

    /** Where brokers and stores deliver. */
    public EventsEndpoint endpoint() {
        return endpoint;
    }

    @Override
    public void close() {
        stop.run();
        served.close();
        drive.close();
        forwarder.close();
        http.close();
    }
}
