package dev.tidemill.operator;

import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.operator.dataset.DatasetReconciler;
import dev.tidemill.operator.dataset.Datasets;
import dev.tidemill.operator.dataset.Drive;
import dev.tidemill.operator.dataset.Trainings;
import dev.tidemill.operator.events.Artifacts;
import dev.tidemill.operator.events.Brokers;
import dev.tidemill.operator.events.Declarations;
import dev.tidemill.operator.events.DeliveryWords;
import dev.tidemill.operator.events.EventsAddress;
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
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What the reconcilers are built from. */
@ApplicationScoped
class Beans {

    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    HttpFunctionClient http() {
        return new HttpFunctionClient();
    }

    @Produces
    @Singleton
    Drive drive(Brokers brokers, HttpFunctionClient http, OperatorConfig config) {
        return new Drive(brokers, http, config);
    }

    void close(@Disposes Drive drive) {
        drive.close();
    }

    @Produces
    @Singleton
    Brokers brokers(
            KubernetesClient client, ServedKinds served, HttpFunctionClient http, OperatorConfig config, Clock clock) {
        return new Brokers(client, served, http, new SenderTokens(client, config, clock));
    }

    void close(@Disposes Brokers brokers) {
        brokers.close();
    }

    @Produces
    @Singleton
    Forwarder forwarder(Brokers brokers) {
        return new Forwarder(brokers, Duration.ofSeconds(1));
    }

    void close(@Disposes Forwarder forwarder) {
        forwarder.close();
    }

    @Produces
    @Singleton
    KubernetesEvents events(KubernetesClient client, Clock clock) {
        return new KubernetesEvents(client, Executors.newVirtualThreadPerTaskExecutor(), clock);
    }

    @Produces
    @Singleton
    EventsAddress address(KubernetesClient client, OperatorConfig config, Clock clock) {
        return new EventsAddress(client, config.address(), config.namespace(), clock);
    }

    @Produces
    @Singleton
    NamespaceBroker namespaceBroker(KubernetesClient client, OperatorConfig config, EventsAddress address) {
        return new NamespaceBroker(client, config, address);
    }

    @Produces
    @Singleton
    DeliveryWords words(KubernetesClient client, EventsAddress address, Clock clock) {
        return new DeliveryWords(client, address, clock);
    }

    @Produces
    @Singleton
    KnativeFeatures features(KubernetesClient client, OperatorConfig config, Clock clock) {
        return new KnativeFeatures(client, config.trustedNamespaces(), clock);
    }

    @Produces
    @Singleton
    Declarations declarations() {
        return new Declarations();
    }

    @Produces
    @Singleton
    NotificationTargets targets(KubernetesClient client, OperatorConfig config) {
        return new NotificationTargets(client, config.namespace(), config.address());
    }

    @Produces
    @Singleton
    Artifacts artifacts() {
        return new Artifacts();
    }

    @Produces
    @Singleton
    Inbox inbox(EventsAddress address, Declarations declarations, Drive drive) {
        return new Inbox(address, declarations, drive::changed);
    }

    @Produces
    @Singleton
    StoreInbox storeInbox(
            OpenStores stores,
            NotificationTargets targets,
            Declarations declarations,
            Drive drive,
            Artifacts artifacts,
            Forwarder forwarder) {
        return new StoreInbox(stores, targets, declarations, drive::changed, artifacts, forwarder);
    }

    @Produces
    @Singleton
    LostEvents lostEvents(
            KubernetesClient client, OpenStores stores, HttpFunctionClient http, KubernetesEvents events, Clock clock) {
        return new LostEvents(client, stores, http, events, clock);
    }

    @Produces
    @Singleton
    Reconcilers reconcilers(
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
            Artifacts artifacts,
            NotificationTargets targets,
            KubernetesEvents events,
            Drive drive,
            Brokers brokers,
            HttpFunctionClient http) {
        var means = new ServingReconciler.Means(datasets, stores, credentials, events, clock);
        return new Reconcilers(List.of(
                new ObjectStoreReconciler(stores, targets, declarations, events, client, config, clock),
                new FunctionReconciler(means, served, features, broker, address, words, lost, declarations, config),
                new DatasetReconciler(
                        client,
                        datasets,
                        stores,
                        credentials,
                        drive,
                        served,
                        broker,
                        declarations,
                        events,
                        config,
                        clock),
                new ModelReconciler(
                        means,
                        served,
                        features,
                        declarations,
                        artifacts,
                        config,
                        new Trainings(drive, datasets, stores, DatasetReconciler.cluster(client), config),
                        new DriftWatch(http, brokers),
                        drive)));
    }

    @Produces
    @Singleton
    OperatorConfig config(
            @ConfigProperty(name = "tidemill.namespace") String namespace,
            @ConfigProperty(name = "tidemill.dataflow.image") String dataflowImage,
            @ConfigProperty(name = "tidemill.dataflow.image-pull-policy", defaultValue = "IfNotPresent")
                    String imagePullPolicy,
            @ConfigProperty(name = "tidemill.dataflow.pods", defaultValue = "10") int dataflowPods,
            @ConfigProperty(name = "tidemill.trusted-namespaces", defaultValue = "knative-serving,kourier-system")
                    List<String> trustedNamespaces,
            @ConfigProperty(name = "tidemill.slices", defaultValue = "16") int slices,
            @ConfigProperty(name = "tidemill.store-check", defaultValue = "60s") Duration storeCheck,
            @ConfigProperty(name = "tidemill.address") Optional<URI> address,
            @ConfigProperty(name = "tidemill.broker-class") Optional<String> brokerClass,
            @ConfigProperty(name = "tidemill.model.image") Optional<String> modelImage,
            @ConfigProperty(name = "tidemill.model.gpu-image") Optional<String> modelGpuImage,
            @ConfigProperty(name = "tidemill.lambda.image") Optional<String> lambdaImage,
            @ConfigProperty(name = "tidemill.gate.image") Optional<String> gateImage) {
        return new OperatorConfig(
                namespace,
                dataflowImage,
                imagePullPolicy,
                dataflowPods,
                trustedNamespaces,
                slices,
                storeCheck,
                address.orElseGet(() -> URI.create("http://tidemill-operator." + namespace + ".svc")),
                brokerClass.orElse(""),
                new OperatorConfig.ModelImages(modelImage.orElse(""), modelGpuImage.orElse("")),
                new OperatorConfig.SidecarImages(lambdaImage.orElse(""), gateImage.orElse("")));
    }
}
