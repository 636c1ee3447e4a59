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
import dev.tidemill.operator.events.LostEvents;
import dev.tidemill.operator.events.NamespaceBroker;
import dev.tidemill.operator.function.FunctionReconciler;
import dev.tidemill.operator.model.DriftWatch;
import dev.tidemill.operator.model.ModelReconciler;
import dev.tidemill.operator.serving.ServingReconciler;
import dev.tidemill.operator.store.NotificationTargets;
import dev.tidemill.operator.store.ObjectStoreReconciler;
import dev.tidemill.operator.store.OpenStores;
import dev.tidemill.operator.store.ScopedCredentials;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Starts the reconcilers and stops them. */
@ApplicationScoped
class OperatorLifecycle {

    private final KubernetesClient client;
    private final Optional<Path> objectStore;
    private final Operator operator;

    /** @param objectStore a file with the ObjectStore that the installation declares: a chart cannot do so itself */
    OperatorLifecycle(
            @ConfigProperty(name = "tidemill.object-store") Optional<Path> objectStore,
            KubernetesClient client,
            OperatorConfig config,
            Clock clock,
            Datasets datasets,
            OpenStores stores,
            ScopedCredentials credentials,
            ServedKinds served,
            KnativeFeatures features,
            NamespaceBroker broker,
            EventsAddress address,
            DeliveryWords words,
            LostEvents lost,
            Declarations declarations,
            NotificationTargets targets,
            KubernetesEvents events,
            Leadership leadership,
            Drive drive,
            Brokers brokers,
            HttpFunctionClient http) {
        this.client = client;
        this.objectStore = objectStore;
        operator = new Operator(overrider -> configure(overrider, client, config, leadership));
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
    }

    private static void configure(
            ConfigurationServiceOverrider overrider,
            KubernetesClient client,
            OperatorConfig config,
            Leadership leadership) {
        overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                // Replicas wait for the lease; the one that has it works.
                .withLeaderElectionConfiguration(
                        LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration("tidemill-operator")
                                .withLeaseNamespace(config.namespace())
                                .withLeaderCallbacks(new LeaderCallbacks(leadership::taken, leadership::lost, _ -> {}))
                                .build());
    }

    void start(@Observes StartupEvent started) throws IOException {
        if (objectStore.isPresent()) {
            try (var file = Files.newInputStream(objectStore.get())) {
                client.load(file)
                        .resources()
                        .forEach(store -> store.fieldManager("tidemill-installation")
                                .forceConflicts()
                                .serverSideApply());
            }
        }
        operator.start();
    }

    void stop(@Observes ShutdownEvent stopping) {
        operator.stop();
    }
}
