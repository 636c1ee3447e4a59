package dev.tidemill.operator;

import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.operator.dataset.Datasets;
import dev.tidemill.operator.dataset.Drive;
import dev.tidemill.operator.events.Brokers;
import dev.tidemill.operator.events.EventsEndpoint;
import dev.tidemill.operator.events.Forwarder;
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
    private final Brokers brokers;
    private final Forwarder forwarder;
    private final EventsEndpoint endpoint;
    private final ServedKinds served;

    public RunningOperator(KubernetesClient client, OperatorConfig config, Clock clock) throws IOException {
        this(client, config, clock, null);
    }

    /** @param installation the file with the ObjectStore of an installation; with it, it waits for its lease as an installed one does */
    public RunningOperator(KubernetesClient client, OperatorConfig config, Clock clock, @Nullable Path installation)
            throws IOException {
        var beans = new Beans();
        var stores = new OpenStores();
        served = new ServedKinds(client);
        var address = beans.address(client, config, clock);
        var declarations = beans.declarations();
        var artifacts = beans.artifacts();
        var targets = beans.targets(client, config);
        // Written before the reconciliation ends, and no longer tried again than a test waits.
        var events = new KubernetesEvents(client, Runnable::run, clock);
        var lost = beans.lostEvents(client, stores, http, events, clock);
        brokers = beans.brokers(client, served, http, config, clock);
        drive = beans.drive(brokers, http, config);
        forwarder = new Forwarder(brokers, Duration.ofMillis(100));
        var leadership = new Leadership();
        leadership.taken();
        endpoint = new EventsEndpoint(
                leadership,
                beans.inbox(address, declarations, drive),
                lost,
                beans.storeInbox(stores, targets, declarations, drive, artifacts, forwarder));
        var reconcilers = beans.reconcilers(
                client,
                config,
                clock,
                new Datasets(),
                stores,
                new ScopedCredentials(client, clock),
                served,
                beans.features(client, config, clock),
                beans.namespaceBroker(client, config, address),
                address,
                beans.words(client, address, clock),
                lost,
                declarations,
                artifacts,
                targets,
                events,
                drive,
                brokers,
                http);
        if (installation != null) {
            var lifecycle = new OperatorLifecycle(Optional.of(installation), client, config, leadership, reconcilers);
            lifecycle.start(new StartupEvent());
            stop = () -> lifecycle.stop(new ShutdownEvent());
            return;
        }
        var operator =
                new Operator(overrider -> overrider.withKubernetesClient(client).withCloseClientOnStop(false));
        reconcilers.registerWith(operator);
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
        brokers.close();
        http.close();
    }
}
