package dev.tidemill.operator;

import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.operator.dataset.Drive;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
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
    Drive drive(KubernetesClient client, HttpFunctionClient http, OperatorConfig config) {
        return new Drive(client, http, config);
    }

    void close(@Disposes Drive drive) {
        drive.close();
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
            @ConfigProperty(name = "tidemill.store-check", defaultValue = "60s") Duration storeCheck) {
        return new OperatorConfig(
                namespace, dataflowImage, imagePullPolicy, dataflowPods, trustedNamespaces, slices, storeCheck);
    }
}
