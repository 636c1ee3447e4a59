package dev.tidemill.functions.gate;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemill.operator.GoldenConfig;
import dev.tidemill.operator.RunningOperator;
import dev.tidemill.operator.TestCluster;
import dev.tidemill.operator.function.FunctionResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A namespace of a test's own on a kube-apiserver that knows our kinds and Knative's, and the operator that places gates there. */
final class GatedNamespace implements AutoCloseable {

    final KubernetesClient client;
    final String name;
    private @Nullable RunningOperator operator;

    /** @param prefix of its name */
    GatedNamespace(String prefix) throws IOException, InterruptedException {
        client = TestCluster.client();
        TestCluster.install(client);
        TestCluster.defineIfAbsent(client, "knative/serving-crds.yaml");
        TestCluster.defineIfAbsent(client, "knative/eventing-crds.yaml");
        name = client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withGenerateName(prefix)
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getName();
        provide(GoldenConfig.CONFIG.namespace());
    }

    /** Makes a namespace that others may have made before, and that stays. */
    void provide(String shared) {
        if (client.namespaces().withName(shared).get() == null) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(shared)
                            .endMetadata()
                            .build())
                    .create();
        }
    }

    void startOperator() throws IOException {
        operator = new RunningOperator(client, GoldenConfig.GATED, Clock.systemUTC());
    }

    /** @param spec as YAML has it in one line */
    void declare(String function, String spec) {
        client.load(new ByteArrayInputStream("""
                        apiVersion: tidemill.dev/v1alpha1
                        kind: Function
                        metadata: {name: %s, namespace: %s}
                        spec: %s
                        """.formatted(function, name, spec).getBytes(UTF_8)))
                .create();
    }

    @Override
    public void close() {
        if (operator != null) {
            var functions = client.resources(FunctionResource.class).inNamespace(name);
            functions.delete();
            functions
                    .informOnCondition(List::isEmpty)
                    .orTimeout(TestCluster.PATIENCE, TimeUnit.SECONDS)
                    .join();
            operator.close();
        }
        client.namespaces().withName(name).delete();
        client.close();
    }
}
