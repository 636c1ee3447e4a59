package dev.tidemill.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemill.operator.function.FunctionResource;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
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
    void saysWhatIsMissingAndGoesOnWhenItComes() throws IOException, InterruptedException {
        try (var client = TestCluster.client()) {
            TestCluster.defineKinds(client);
            withdraw(client, SERVICES);
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(NAMESPACE)
                            .endMetadata()
                            .build())
                    .create();
            try (var _ = new RunningOperator(client, GoldenConfig.CONFIG, Clock.systemUTC())) {
                var function = """
                        apiVersion: tidemill.dev/v1alpha1
                        kind: Function
                        metadata: {name: early, namespace: %s}
                        spec: {builtin: mean}""".formatted(NAMESPACE);
                client.load(new ByteArrayInputStream(function.getBytes(StandardCharsets.UTF_8)))
                        .create();
                var waiting = client.resources(FunctionResource.class)
                        .inNamespace(NAMESPACE)
                        .withName("early")
                        .waitUntilCondition(now -> now != null && now.getStatus() != null, 60, TimeUnit.SECONDS);
                var ready = waiting.getStatus().conditions().getFirst();
                assertThat(ready.reason()).isEqualTo("KnativeMissing");
                assertThat(ready.message()).contains("install Knative Serving");

                TestCluster.defineIfAbsent(client, "knative/serving-crds.yaml");
                var service = client.resources(Service.class)
                        .inNamespace(NAMESPACE)
                        .withName("early")
                        .waitUntilCondition(now -> now != null, 90, TimeUnit.SECONDS);
                assertThat(service.getSpec().getTemplate()).isNotNull();
                client.resources(FunctionResource.class).inNamespace(NAMESPACE).delete();
                client.resources(FunctionResource.class)
                        .inNamespace(NAMESPACE)
                        .withName("early")
                        .waitUntilCondition(now -> now == null, 60, TimeUnit.SECONDS);
            } finally {
                client.namespaces().withName(NAMESPACE).delete();
            }
        }
    }

    @Test
    @DisplayName("Without PingSources a Function's schedule becomes a CronJob that sends its event by the gate's word")
    void aScheduleBecomesACronJob() throws IOException, InterruptedException {
        try (var client = TestCluster.client()) {
            TestCluster.defineKinds(client);
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
                        .waitUntilCondition(now -> now != null, 90, TimeUnit.SECONDS);
                KnativeSays.ready(client, service, URI.create("http://nightly.it.svc.cluster.local"));
                var job = client.resources(CronJob.class)
                        .inNamespace(namespace)
                        .informOnCondition(found -> !found.isEmpty())
                        .orTimeout(90, TimeUnit.SECONDS)
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
                        .waitUntilCondition(now -> now == null, 60, TimeUnit.SECONDS);
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
        definition.waitUntilCondition(now -> now == null, 60, TimeUnit.SECONDS);
    }
}
