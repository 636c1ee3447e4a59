package dev.tidemill.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.store.ObjectStoreResource;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.sources.v1.PingSource;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The reconcilers on a real kube-apiserver without any controller: this test says what Knative would say. */
@DisplayName("Reconcilers on a real kube-apiserver")
class ReconcilersIT {

    private static final String NAMESPACE = "it-" + UUID.randomUUID().toString().substring(0, 8);

    @SuppressWarnings("NullAway.Init")
    private static KubernetesClient client;

    @SuppressWarnings("NullAway.Init")
    private static KubernetesClient itsClient;

    @SuppressWarnings("NullAway.Init")
    private static RunningOperator operator;

    private static final Meanwhile MEANWHILE = new Meanwhile();

    /** Does something just before the operator's next PATCH of a path. */
    private static final class Meanwhile implements Interceptor {

        private final Map<String, Runnable> deeds = new ConcurrentHashMap<>();

        void beforePatchOf(String path, Runnable deed) {
            deeds.put(path, deed);
        }

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (request.method().equals("PATCH") && deeds.remove(request.uri().getPath()) instanceof Runnable deed) {
                deed.run();
            }
        }
    }

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        client = TestCluster.client();
        TestCluster.install(client);
        TestCluster.defineIfAbsent(client, "knative/serving-crds.yaml");
        TestCluster.defineIfAbsent(client, "knative/eventing-crds.yaml");
        namespace(NAMESPACE);
        itsClient = new KubernetesClientBuilder()
                .withConfig(client.getConfiguration())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("meanwhile", MEANWHILE))
                .build();
        operator = new RunningOperator(itsClient, GoldenConfig.CONFIG, Clock.systemUTC());
    }

    private static void namespace(String name) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterAll
    static void stop() {
        if (operator == null) {
            return;
        }
        client.resources(FunctionResource.class).inNamespace(NAMESPACE).delete();
        client.resources(DatasetResource.class).inNamespace(NAMESPACE).delete();
        client.resources(ObjectStoreResource.class).withName(NAMESPACE).delete();
        await(FunctionResource.class, List::isEmpty);
        await(DatasetResource.class, List::isEmpty);
        operator.close();
        itsClient.close();
        client.namespaces().withName(NAMESPACE).delete();
        client.close();
    }

    @Test
    @DisplayName("A Function becomes a Knative Service, is Ready when that is, and then costs no write")
    void aFunctionIsServedAndSettles() {
        apply("Function", "mean", "builtin: mean");
        var service = await(Service.class, services -> services.stream().anyMatch(named("mean"))).stream()
                .filter(named("mean"))
                .findFirst()
                .orElseThrow();
        var container =
                service.getSpec().getTemplate().getSpec().getContainers().getFirst();
        assertThat(container.getImage()).isEqualTo(GoldenConfig.CONFIG.dataflowImage());

        KnativeSays.ready(client, service, URI.create("http://mean.it.svc.cluster.local"));
        var ready = awaitReady(FunctionResource.class, "mean", Status.True);
        assertThat(ready.getStatus().url()).isEqualTo("http://mean.it.svc.cluster.local");

        annotate(FunctionResource.class, "mean", "example/look", "again");
        annotate(FunctionResource.class, "mean", "example/look", "and-again");
        apply("Function", "later", "builtin: add_one");
        await(Service.class, services -> services.stream().anyMatch(named("later")));
        assertThat(client.resource(service).get().getMetadata().getGeneration())
                .isEqualTo(service.getMetadata().getGeneration());
        assertThat(get(FunctionResource.class, "mean").getStatus()).isEqualTo(ready.getStatus());
    }

    @Test
    @DisplayName("A Function that is deleted in the moment in which its status is written goes")
    void deletedWhileItsStatusIsWritten() {
        apply("Function", "short", "builtin: mean");
        var service = await(Service.class, services -> services.stream().anyMatch(named("short"))).stream()
                .filter(named("short"))
                .findFirst()
                .orElseThrow();
        var function =
                client.resources(FunctionResource.class).inNamespace(NAMESPACE).withName("short");
        function.waitUntilCondition(now -> now.getStatus() != null, TestCluster.PATIENCE, TimeUnit.SECONDS);
        var deleted = new CountDownLatch(1);
        MEANWHILE.beforePatchOf(
                "/apis/tidemill.dev/v1alpha1/namespaces/%s/functions/short/status".formatted(NAMESPACE), () -> {
                    function.delete();
                    deleted.countDown();
                });
        KnativeSays.ready(client, service, URI.create("http://short.it.svc.cluster.local"));
        function.waitUntilCondition(now -> now == null, TestCluster.PATIENCE, TimeUnit.SECONDS);
        assertThat(deleted.getCount()).isZero();
    }

    @Test
    @DisplayName("What somebody changed by hand in a Function's service is put right")
    void driftIsMended() {
        apply("Function", "drift", "builtin: mean");
        await(Service.class, services -> services.stream().anyMatch(named("drift")));
        client.resources(Service.class).inNamespace(NAMESPACE).withName("drift").edit(service -> {
            service.getSpec().getTemplate().getSpec().setContainerConcurrency(77L);
            return service;
        });
        await(
                Service.class,
                services -> services.stream()
                        .filter(named("drift"))
                        .anyMatch(service ->
                                service.getSpec().getTemplate().getSpec().getContainerConcurrency() != 77));
    }

    @Test
    @DisplayName(
            "A Function's events become Triggers and schedules of its namespace's broker, and go when it no longer wants them")
    void eventsBecomeTriggers() {
        apply(
                "Function",
                "listens",
                "{builtin: mean, events: [{name: a, filter: {type: t}}, {name: b, filter: {type: u}}, {name: nightly, schedule: 0 2 * * *}]}");
        await(Broker.class, brokers -> brokers.stream().anyMatch(named("default")));
        var triggers = await(Trigger.class, found -> found.size() == 2);
        assertThat(triggers)
                .extracting(trigger -> trigger.getSpec().getFilter().getAttributes())
                .containsExactlyInAnyOrder(Map.of("type", "t"), Map.of("type", "u"));
        assertThat(triggers).allSatisfy(trigger -> {
            assertThat(trigger.getSpec().getSubscriber().getRef().getName()).isEqualTo("listens");
            assertThat(trigger.getSpec().getDelivery().getDeadLetterSink().getUri())
                    .matches("http://tidemill-operator.tidemill-system.svc/events/" + NAMESPACE
                            + "/[\\w-]{43}/dead/listens");
        });
        var schedules = await(PingSource.class, found -> found.size() == 1);
        assertThat(schedules.getFirst().getSpec().getSchedule()).isEqualTo("0 2 * * *");

        client.resources(FunctionResource.class)
                .inNamespace(NAMESPACE)
                .withName("listens")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\": {\"events\": [{\"name\": \"a\", \"filter\": {\"type\": \"t\"}}]}}");
        await(Trigger.class, found -> found.size() == 1);
        await(PingSource.class, List::isEmpty);
    }

    @Test
    @DisplayName("A broker that a Function names and that is not there is named in its condition")
    void aMissingBrokerIsNamed() {
        apply("Function", "waits", "{builtin: mean, events: [{name: a, broker: theirs, filter: {type: t}}]}");
        var status = awaitReady(FunctionResource.class, "waits", Status.False).getStatus();
        assertThat(condition(status.conditions()).reason()).isEqualTo("BrokerMissing");
        assertThat(condition(status.conditions()).message()).contains("theirs").contains("create it");
    }

    @Test
    @DisplayName("Kubernetes events tell why a resource is not ready")
    void eventsTellWhy() {
        apply("Function", "shut", "{image: i, data: [{name: d, dataset: nowhere}]}");
        awaitReady(FunctionResource.class, "shut", Status.False);
        var events = await(
                Event.class,
                found -> found.stream()
                        .anyMatch(event -> event.getInvolvedObject().getName().equals("shut")));
        assertThat(events)
                .filteredOn(event -> event.getInvolvedObject().getName().equals("shut"))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.getType()).isEqualTo("Warning");
                    assertThat(event.getReason()).isEqualTo("DatasetMissing");
                    assertThat(event.getMessage()).contains("names the Dataset nowhere");
                });
    }

    @Test
    @DisplayName("A Dataset without a store waits for it and says so")
    void aDatasetWaitsForItsStore() {
        apply("Dataset", "orphan", "{store: nowhere, source: {bucket: lake}}");
        var waiting = awaitReady(DatasetResource.class, "orphan", Status.Unknown);
        assertThat(condition(waiting.getStatus().conditions()).reason()).isEqualTo("StoreNotReady");
        assertThat(condition(waiting.getStatus().conditions()).message())
                .contains("ObjectStore nowhere is not there: create it");
    }

    @Test
    @DisplayName("An ObjectStore without its Secret names the Secret")
    void aStoreNamesTheSecretThatIsMissing() {
        apply("ObjectStore", NAMESPACE, "{endpoint: 'http://127.0.0.1:9', credentialsSecret: not-there}");
        client.resources(ObjectStoreResource.class)
                .withName(NAMESPACE)
                .waitUntilCondition(
                        store -> store != null && store.getStatus() != null, TestCluster.PATIENCE, TimeUnit.SECONDS);
        var status = client.resources(ObjectStoreResource.class)
                .withName(NAMESPACE)
                .get()
                .getStatus();
        assertThat(condition(status.conditions()).reason()).isEqualTo("SecretMissing");
        assertThat(condition(status.conditions()).message()).contains("Secret not-there of namespace tidemill-system");
    }

    @Test
    @DisplayName(
            "A Lambda Function becomes the bridge and its image in one pod, and a pod whose handlers never return is replaced")
    void aLambdaFunctionIsServedAndItsStuckPodsAreReplaced() {
        apply("Function", "handler", "{image: i, runtime: Lambda, handler: a.b, scale: {processes: 2}}");
        var service = await(Service.class, services -> services.stream().anyMatch(named("handler"))).stream()
                .filter(named("handler"))
                .findFirst()
                .orElseThrow();
        assertThat(service.getSpec().getTemplate().getSpec().getContainers())
                .extracting(Container::getName)
                .containsExactly("bridge", "function", "function-9101");
        KnativeSays.ready(client, service, URI.create("http://handler.it.svc.cluster.local"));
        awaitReady(FunctionResource.class, "handler", Status.True);

        account("default");
        var pod = client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName("handler-stuck")
                        .withNamespace(NAMESPACE)
                        .withLabels(
                                service.getSpec().getTemplate().getMetadata().getLabels())
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("bridge")
                        .withImage("i")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        client.resource(pod)
                .editStatus(now -> new PodBuilder(now)
                        .withNewStatus()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("False")
                        .withLastTransitionTime("2026-01-01T00:10:00Z")
                        .endCondition()
                        .addNewContainerStatus()
                        .withName("bridge")
                        .withImage("i")
                        .withImageID("")
                        .withReady(false)
                        .withRestartCount(0)
                        .withNewState()
                        .withNewRunning()
                        .withStartedAt("2026-01-01T00:00:00Z")
                        .endRunning()
                        .endState()
                        .endContainerStatus()
                        .endStatus()
                        .build());
        await(Pod.class, List::isEmpty);
        await(
                Event.class,
                found -> found.stream().anyMatch(event -> event.getReason().equals("HandlerStuck")));
    }

    private static void account(String name) {
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
    }

    @Test
    @DisplayName("A paused Function is left alone")
    void pausedIsLeftAlone() {
        load("Function", "still", "builtin: mean", "annotations: {tidemill.dev/paused: 'true'}");
        apply("Function", "moving", "builtin: mean");
        await(Service.class, services -> services.stream().anyMatch(named("moving")));
        assertThat(get(FunctionResource.class, "still").getStatus()).isNull();
    }

    private static Condition condition(List<Condition> conditions) {
        return conditions.getFirst();
    }

    private static Predicate<HasMetadata> named(String name) {
        return object -> object.getMetadata().getName().equals(name);
    }

    private static void apply(String kind, String name, String spec) {
        load(kind, name, spec, "");
    }

    private static void load(String kind, String name, String spec, String metadata) {
        var yaml = """
                apiVersion: tidemill.dev/v1alpha1
                kind: %s
                metadata:
                  name: %s
                %s
                spec:
                %s""".formatted(
                        kind,
                        name,
                        ((kind.equals("ObjectStore") ? "" : "namespace: " + NAMESPACE + "\n") + metadata).indent(2),
                        spec.indent(2));
        client.load(new java.io.ByteArrayInputStream(yaml.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .create();
    }

    private static <R extends HasMetadata> void annotate(Class<R> kind, String name, String key, String value) {
        client.resources(kind)
                .inNamespace(NAMESPACE)
                .withName(name)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"%s\": \"%s\"}}}".formatted(key, value));
    }

    private static <R extends HasMetadata> R get(Class<R> kind, String name) {
        return client.resources(kind).inNamespace(NAMESPACE).withName(name).get();
    }

    private static <R extends TidemillResource<?, ?>> R awaitReady(Class<R> kind, String name, Status status) {
        return new ApiServer(client)
                .await(
                        kind,
                        NAMESPACE,
                        name,
                        resource -> resource != null
                                && resource.getStatus() != null
                                && resource.getStatus().toString().contains("type=Ready, status=" + status));
    }

    private static <R extends HasMetadata> List<R> await(Class<R> kind, Predicate<List<R>> condition) {
        return new ApiServer(client).await(kind, NAMESPACE, condition);
    }
}
