package dev.tidemill.operator;

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
            Leadership leadership,
            Reconcilers reconcilers) {
        this.client = client;
        this.objectStore = objectStore;
        operator = new Operator(overrider -> configure(overrider, client, config, leadership));
        reconcilers.registerWith(operator);
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
