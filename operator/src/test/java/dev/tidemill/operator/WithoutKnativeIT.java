package dev.tidemill.operator;

import static dev.tidemill.api.Condition.READY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemill.api.Condition.Status;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.store.ObjectStoreResource;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.minio.MakeBucketArgs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A cluster without Knative")
class WithoutKnativeIT {

    private static final String NAMESPACE = "it-" + UUID.randomUUID().toString().substring(0, 8);
    private static final String SERVICES = "services.serving.knative.dev";
    private static final String PING_SOURCES = "pingsources.sources.knative.dev";

    @Test
    @DisplayName("Without Knative the operator starts, says what is missing, and goes on by itself when it comes")
    void saysWhatIsMissingAndGoesOnWhenItComes() throws Exception {
        try (var minio = RealMinio.start(Map.of());
                var path = new FakeDataPath();
                var client = TestCluster.client()) {
            TestCluster.install(client);
            withdraw(client, SERVICES);
            var api = new ApiServer(client);
            api.namespace(NAMESPACE);
            api.secret(NAMESPACE, Map.of("accessKey", "minioadmin", "secretKey", "minioadmin"));
            minio.foreignClient(RealMinio.ROOT)
                    .makeBucket(MakeBucketArgs.builder().bucket("lake").build());
            try (var _ = new RunningOperator(client, GoldenConfig.CONFIG, Clock.systemUTC())) {
                api.create("""
                        kind: ObjectStore
                        metadata: {name: %1$s}
                        spec:
                          endpoint: %2$s
                          credentialsSecret: %1$s
                          grants:
                          - {name: all, namespaces: {matchLabels: {team: %1$s}}, bucket: lake, access: ReadWrite}
                        """.formatted(NAMESPACE, minio.endpoint()));
                api.create("kind: Function\nmetadata: {name: early, namespace: %s}\nspec: {builtin: mean}"
                        .formatted(NAMESPACE));
                api.create("""
                        kind: Dataset
                        metadata: {name: early, namespace: %1$s}
                        spec: {store: %1$s, generate: {rows: 1, columns: [{name: x, distribution: Uniform}]}, output: {bucket: lake, prefix: out/}}
                        """.formatted(NAMESPACE));
                assertThat(api.awaitCondition(
                                FunctionResource.class, NAMESPACE, "early", READY, Status.False, "KnativeMissing"))
                        .contains("install Knative Serving");
                assertThat(api.awaitCondition(
                                DatasetResource.class, NAMESPACE, "early", READY, Status.False, "KnativeMissing"))
                        .contains("install Knative Serving");

                TestCluster.defineIfAbsent(client, "knative/serving-crds.yaml");
                for (var name : List.of("early", "tidemill-dataflow-" + NAMESPACE, "tidemill-profile-" + NAMESPACE)) {
                    api.serves(NAMESPACE, name, path.address("/materializer"));
                }
                api.awaitSaying(FunctionResource.class, NAMESPACE, "early", READY, Status.True, "Serving");
                api.awaitSaying(DatasetResource.class, NAMESPACE, "early", READY, Status.True, "Committed");
                api.delete(FunctionResource.class, NAMESPACE, "early");
                api.delete(DatasetResource.class, NAMESPACE, "early");
                api.delete(ObjectStoreResource.class, null, NAMESPACE);
            } finally {
                client.namespaces().withName(NAMESPACE).delete();
            }
        }
    }

    @Test
    @DisplayName("Without PingSources a Function's schedule becomes a CronJob that sends its event by the gate's word")
    void aScheduleBecomesACronJob() throws IOException, InterruptedException {
        try (var client = TestCluster.client()) {
            TestCluster.install(client);
            TestCluster.defineIfAbsent(client, "knative/serving-crds.yaml");
            withdraw(client, PING_SOURCES);
            var namespace = NAMESPACE + "-cron";
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(namespace)
                            .endMetadata()
                            .build())
                    .create();
            try (var _ = new RunningOperator(client, GoldenConfig.GATED, Clock.systemUTC())) {
                var function = """
                        apiVersion: tidemill.dev/v1alpha1
                        kind: Function
                        metadata: {name: nightly, namespace: %s}
                        spec: {builtin: mean, events: [{name: at-two, schedule: 0 2 * * *}]}""".formatted(namespace);
                client.load(new ByteArrayInputStream(function.getBytes(StandardCharsets.UTF_8)))
                        .create();
                var service = client.resources(Service.class)
                        .inNamespace(namespace)
                        .withName("nightly")
                        .waitUntilCondition(now -> now != null, TestCluster.PATIENCE, TimeUnit.SECONDS);
                KnativeSays.ready(client, service, URI.create("http://nightly.it.svc.cluster.local"));
                var job = client.resources(CronJob.class)
                        .inNamespace(namespace)
                        .informOnCondition(found -> !found.isEmpty())
                        .orTimeout(TestCluster.PATIENCE, TimeUnit.SECONDS)
                        .join()
                        .getFirst();
                assertThat(job.getSpec().getSchedule()).isEqualTo("0 2 * * *");
                var pod = job.getSpec().getJobTemplate().getSpec().getTemplate().getSpec();
                assertThat(pod.getContainers().getFirst().getEnv())
                        .filteredOn(variable -> variable.getName().equals("RING_URL"))
                        .singleElement()
                        .satisfies(url -> assertThat(url.getValue())
                                .matches("http://nightly.it.svc.cluster.local/_tidemill/deliver/[\\w-]{43}/"));
                client.resources(FunctionResource.class).inNamespace(namespace).delete();
                client.resources(FunctionResource.class)
                        .inNamespace(namespace)
                        .withName("nightly")
                        .waitUntilCondition(now -> now == null, TestCluster.PATIENCE, TimeUnit.SECONDS);
            } finally {
                client.namespaces().withName(namespace).delete();
            }
        }
    }

    /** A definition of the tests, never one of a real Knative. */
    private static void withdraw(KubernetesClient client, String name) {
        var definition = client.apiextensions().v1().customResourceDefinitions().withName(name);
        var found = definition.get();
        if (found == null) {
            return;
        }
        var labels = found.getMetadata().getLabels();
        assumeTrue(
                labels != null && "true".equals(labels.get("tidemill.dev/test")),
                "this cluster has Knative, and it is not the test's to remove");
        definition.delete();
        definition.waitUntilCondition(now -> now == null, TestCluster.PATIENCE, TimeUnit.SECONDS);
    }
}
