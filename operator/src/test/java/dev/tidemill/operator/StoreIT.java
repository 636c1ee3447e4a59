package dev.tidemill.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.store.ObjectStoreResource;
import dev.tidemill.store.Credentials;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.minio.MakeBucketArgs;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jboss.resteasy.reactive.server.jaxrs.HttpHeadersImpl;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The operator between a real kube-apiserver and a real MinIO; what runs in pods is a {@link FakeDataPath}. */
@DisplayName("The operator between a real kube-apiserver and a real MinIO")
@SuppressWarnings("NullAway.Init")
class StoreIT {

    private static final String OURS = "it-" + UUID.randomUUID().toString().substring(0, 8);
    private static final String THEIRS = OURS + "-b";
    private static final String TOKEN = "a-token-of-the-test";

    private static ApiServer api;
    private static KubernetesClient client;
    private static RealMinio minio;
    private static FakeDataPath path;
    private static RunningOperator operator;

    @BeforeAll
    static void start() throws Exception {
        client = TestCluster.client();
        api = new ApiServer(client);
        path = new FakeDataPath();
        var id = "TIDEMILL_" + OURS.toUpperCase(Locale.ROOT).replace('-', '_');
        minio = RealMinio.start(Map.of(
                "MINIO_NOTIFY_WEBHOOK_ENABLE_" + id,
                "on",
                "MINIO_NOTIFY_WEBHOOK_ENDPOINT_" + id,
                path.address("/stores/" + OURS + "/events").toString(),
                "MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_" + id,
                TOKEN));
        minio.foreignClient(RealMinio.ROOT)
                .makeBucket(MakeBucketArgs.builder().bucket("lake").build());
        TestCluster.install(client);
        TestCluster.defineIfAbsent(client, "knative/serving-crds.yaml");
        TestCluster.defineIfAbsent(client, "knative/eventing-crds.yaml");
        api.namespace(OURS);
        api.namespace(THEIRS);
        api.secret(OURS, Map.of("accessKey", "minioadmin", "secretKey", "minioadmin"));
        api.secret("tidemill-store-events-" + OURS, Map.of("token", TOKEN));
        operator = new RunningOperator(client, GoldenConfig.hasty(path.address("/")), Clock.systemUTC());
        path.server().createContext("/stores/", StoreIT::stored);
        api.create("""
                kind: ObjectStore
                metadata: {name: %1$s}
                spec:
                  endpoint: %3$s
                  credentialsSecret: %1$s
                  grants:
                  - {name: ours, namespaces: {matchLabels: {team: %1$s}}, bucket: lake, prefix: ours/, access: ReadWrite}
                  - {name: theirs, namespaces: {matchLabels: {team: %2$s}}, bucket: lake, prefix: theirs/, access: ReadWrite}
                """.formatted(OURS, THEIRS, minio.endpoint()));
        api.awaitCondition(ObjectStoreResource.class, null, OURS, "Ready", Status.True, "Measured");
    }

    /** As the HTTP server of the operator does it. */
    private static void stored(HttpExchange exchange) throws IOException {
        try (exchange) {
            var store = exchange.getRequestURI().getPath().split("/")[2];
            var response = operator.endpoint()
                    .stored(
                            store,
                            exchange.getRequestHeaders().getFirst("Authorization"),
                            null,
                            exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(response.getStatus(), -1);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        if (operator != null) {
            for (var namespace : List.of(OURS, THEIRS)) {
                client.resources(DatasetResource.class).inNamespace(namespace).delete();
                client.resources(FunctionResource.class).inNamespace(namespace).delete();
                api.await(DatasetResource.class, namespace, List::isEmpty);
                api.await(FunctionResource.class, namespace, List::isEmpty);
                client.namespaces().withName(namespace).delete();
            }
            client.resources(ModelResource.class).inNamespace(OURS).delete();
            api.await(ModelResource.class, OURS, List::isEmpty);
            api.forgetStore(OURS);
            operator.close();
        }
        if (minio != null) {
            minio.close();
        }
        if (path != null) {
            path.close();
            client.close();
        }
    }

    @Test
    @DisplayName(
            "A foreign client's put wakes the Dataset over its prefix and reaches that namespace's broker, and no other")
    void aPutWakesWhoDeclaredThePrefix() throws Exception {
        api.create("""
                kind: Dataset
                metadata: {name: raw, namespace: %1$s}
                spec: {store: %1$s, source: {bucket: lake, prefix: ours/raw/}, resync: 1h}
                """.formatted(OURS));
        api.create("""
                kind: Dataset
                metadata: {name: raw, namespace: %2$s}
                spec: {store: %1$s, source: {bucket: lake, prefix: theirs/raw/}, resync: 1h}
                """.formatted(OURS, THEIRS));
        for (var namespace : List.of(OURS, THEIRS)) {
            knativeServes(namespace);
            var broker = api.await(Broker.class, namespace, found -> !found.isEmpty())
                    .getFirst();
            KnativeSays.address(client, broker, path.address("/broker/" + namespace));
            api.awaitCondition(DatasetResource.class, namespace, "raw", "Ready", Status.True, "Committed");
        }
        api.awaitCondition(ObjectStoreResource.class, null, OURS, "Notifications", Status.True, "Declared");

        // The condition may be older than the Dataset: another one's notifications were declared before.
        minio.awaitNotified("lake", "ours/raw/");
        var key = "ours/raw/a b+c/ü.csv";
        minio.put("lake", key, "x\n1\n");

        var slice = path.awaitSlice(request -> request.at("/turn/changedKeys").size() > 0);
        assertThat(slice.at("/turn/changedKeys/0").asText()).isEqualTo(key);
        assertThat(slice.at("/task/dataset/namespace").asText()).isEqualTo(OURS);
        var delivery = path.awaitDelivery("com.amazonaws.s3.ObjectCreated:Put");
        assertThat(delivery.namespace()).isEqualTo(OURS);
        assertThat(delivery.data().at("/s3/object/key").asText()).isEqualTo("ours%2Fraw%2Fa+b%2Bc%2F%C3%BC.csv");
    }

    @ParameterizedTest
    @CsvSource({"reader, 'store: %s, bucket: lake, s3Prefix: ours/in'", "follower, dataset: named"})
    @DisplayName(
            "A Function's keys open what it declares, not the neighbour's prefix nor the ledgers, and nothing once it is gone")
    void mintedKeysOpenWhatIsDeclared(String name, String data) throws Exception {
        minio.put("lake", "ours/in/a", "x");
        minio.put("lake", "theirs/in/a", "x");
        if (api.resource(DatasetResource.class, OURS, "named").get() == null) {
            api.create("""
                    kind: Dataset
                    metadata: {name: named, namespace: %1$s}
                    spec: {store: %1$s, source: {bucket: lake, prefix: ours/in/}}
                    """.formatted(OURS));
        }
        api.create("""
                kind: Function
                metadata: {name: %s, namespace: %s}
                spec: {image: i, data: [{name: d, %s}]}
                """.formatted(name, OURS, data.formatted(OURS)));
        var held = ApiServer.named("tidemill-function-" + name);
        var secret = api.await(Secret.class, OURS, found -> found.stream().anyMatch(held)).stream()
                .filter(held)
                .findFirst()
                .orElseThrow();
        var keys = credentials(secret);
        assertThat(minio.read(keys, "lake", "ours/in/a")).isEqualTo("x");
        assertThat(minio.read(keys, "lake", "theirs/in/a")).isEqualTo("AccessDenied");
        assertThat(minio.read(keys, "tidemill", ".tidemill/any")).isEqualTo("AccessDenied");

        api.delete(FunctionResource.class, OURS, name);
        assertThat(minio.read(keys, "lake", "ours/in/a")).isEqualTo("InvalidAccessKeyId");
    }

    @Test
    @DisplayName(
            "A Model is served with keys that open a copy of its artifact, and is Ready with its revision when that serves")
    void aModelIsServedAndItsKeysOpenItsArtifact() throws Exception {
        var etag = minio.put("lake", "ours/models/digits.onnx", "x");
        minio.put("lake", "ours/in/a", "x");
        api.create("""
                kind: Model
                metadata: {name: digits, namespace: %1$s}
                spec:
                  format: ONNX
                  source: {store: %1$s, bucket: lake, key: ours/models/digits.onnx}
                  inputs: [{name: x, datatype: FP32, shape: [-1, 64]}]
                  outputs: [{name: label, datatype: INT64, shape: [-1]}]
                """.formatted(OURS));
        var service =
                api
                        .await(Service.class, OURS, found -> found.stream().anyMatch(ApiServer.named("model-digits")))
                        .stream()
                        .filter(ApiServer.named("model-digits"))
                        .findFirst()
                        .orElseThrow();
        var keys = credentials(client.secrets()
                .inNamespace(OURS)
                .withName("tidemill-model-digits")
                .get());
        var copy = "%s/_models/digits/%s".formatted(OURS, etag);
        assertThat(minio.read(keys, "tidemill", copy)).isEqualTo("x");
        assertThat(minio.read(keys, "lake", "ours/in/a")).isEqualTo("AccessDenied");

        KnativeSays.ready(client, service, URI.create("http://model-digits.it.svc.cluster.local"));
        api.awaitCondition(ModelResource.class, OURS, "digits", "Ready", Status.True, "Serving");
        var models = client.resources(ModelResource.class).inNamespace(OURS).withName("digits");
        var status = models.get().getStatus();
        assertThat(status.url()).isEqualTo("http://model-digits.it.svc.cluster.local");
        assertThat(status.modelState()).isEqualTo(new ModelStatus.Versions("model-digits-00001", null));
        assertThat(status.device()).isEqualTo("cpu");

        models.delete();
        models.waitUntilCondition(gone -> gone == null, TestCluster.PATIENCE, TimeUnit.SECONDS);
        assertThat(minio.read(keys, "tidemill", copy)).isEqualTo("InvalidAccessKeyId");
    }

    @Test
    @DisplayName(
            "An object that takes the place of a Model's artifact is served by a new revision as soon as the store tells of it")
    void aReplacedArtifactWakesItsModel() throws Exception {
        minio.put("lake", "ours/graphs/late.onnx", "first");
        api.create("""
                kind: Model
                metadata: {name: late, namespace: %1$s}
                spec:
                  format: ONNX
                  source: {store: %1$s, bucket: lake, key: ours/graphs/late.onnx}
                  inputs: [{name: x, datatype: FP32, shape: [-1, 64]}]
                  outputs: [{name: label, datatype: INT64, shape: [-1]}]
                """.formatted(OURS));
        api.serves(OURS, "model-late", URI.create("http://model-late.it.svc.cluster.local"));
        api.awaitCondition(ModelResource.class, OURS, "late", "Ready", Status.True, "Serving");
        minio.awaitNotified("lake", "ours/graphs/late.onnx");
        var services = client.resources(Service.class).inNamespace(OURS).withName("model-late");
        var first = artifact(services.get());

        // Without the store's word it would be looked for five minutes later, which is longer than this waits.
        minio.put("lake", "ours/graphs/late.onnx", "second");
        services.waitUntilCondition(
                now -> !Objects.equals(artifact(now), first), TestCluster.PATIENCE, TimeUnit.SECONDS);
    }

    private static @Nullable String artifact(Service service) {
        return service.getSpec().getTemplate().getMetadata().getAnnotations().get("tidemill.dev/artifact");
    }

    @Test
    @DisplayName("A binding with a scale stands for a Dataset and its result, which go when it no longer has one")
    void aBindingWithAScaleDeclaresItsDatasets() throws Exception {
        api.create("""
                kind: Function
                metadata: {name: bound, namespace: %1$s}
                spec:
                  image: i
                  data: [{name: rand_data, store: %1$s, bucket: lake, s3Prefix: ours/test-data, scale: 20}]
                """.formatted(OURS));
        var declared = bound(2);
        assertThat(declared)
                .extracting(DatasetResource::name)
                .containsExactlyInAnyOrder("bound-rand-data", "bound-rand-data-result");
        assertThat(declared)
                .allSatisfy(dataset ->
                        assertThat(dataset.getSpec().partition().scale()).isEqualTo(20));

        var functions =
                client.resources(FunctionResource.class).inNamespace(OURS).withName("bound");
        functions.patch(
                PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"annotations\": {\"look\": \"again\"}}}");
        api.serves(OURS, "bound", path.address("/bound"));
        api.awaitCondition(FunctionResource.class, OURS, "bound", "Ready", Status.True, "Serving");
        assertThat(bound(2))
                .allSatisfy(dataset -> assertThat(dataset.generation())
                        .as("%s is written once", dataset.name())
                        .isEqualTo(1));

        functions.patch(PatchContext.of(PatchType.JSON), "[{\"op\": \"remove\", \"path\": \"/spec/data/0/scale\"}]");
        bound(0);
    }

    private static List<DatasetResource> bound(int many) {
        return api
                .await(
                        DatasetResource.class,
                        OURS,
                        found -> found.stream()
                                        .filter(each -> each.name().startsWith("bound-"))
                                        .count()
                                == many)
                .stream()
                .filter(each -> each.name().startsWith("bound-"))
                .toList();
    }

    @Test
    @DisplayName("Nobody without the store's token tells the operator anything")
    void theStoreIsAuthenticated() {
        for (var header : List.of("", "Bearer", "Bearer wrong", TOKEN + "x")) {
            assertThat(operator.endpoint()
                            .stored(OURS, header, null, "{\"Records\":[]}".getBytes(UTF_8))
                            .getStatus())
                    .isEqualTo(401);
        }
        assertThat(operator.endpoint()
                        .stored(OURS, "Bearer " + TOKEN, null, "{\"Records\":[]}".getBytes(UTF_8))
                        .getStatus())
                .isEqualTo(200);
        assertThat(operator.endpoint()
                        .wakeUp(OURS, "guessed", new HttpHeadersImpl(List.of()), new byte[0])
                        .getStatus())
                .isEqualTo(403);
    }

    /** Says that materializer and profiler of a namespace answer. */
    private static void knativeServes(String namespace) {
        for (var name : List.of("tidemill-dataflow-" + OURS, "tidemill-profile-" + OURS)) {
            api.serves(namespace, name, path.address("/materializer"));
        }
    }

    private static Credentials credentials(Secret secret) {
        var decoder = Base64.getDecoder();
        return new Credentials(
                new String(decoder.decode(secret.getData().get("accessKey")), UTF_8),
                new String(decoder.decode(secret.getData().get("secretKey")), UTF_8));
    }
}
