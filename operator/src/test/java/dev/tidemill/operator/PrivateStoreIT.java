package dev.tidemill.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.operator.Workload.PrivateCa;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.store.ObjectStoreResource;
import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.StoreException;
import dev.tidemill.store.Stores;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.minio.MakeBucketArgs;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real MinIO with TLS by a CA that nobody knows, whose buckets are names below its own ({@code pathStyle: false}). No pod runs on a bare
 * API server: what is given to one is taken from its Knative Service and the Secrets, and used as its container would use it.
 */
@DisplayName("A store with a CA of its own and buckets in host names")
@SuppressWarnings("NullAway.Init")
class PrivateStoreIT {

    private static final String NS = "tls-" + UUID.randomUUID().toString().substring(0, 8);
    private static final Map<String, String> ROOT = Map.of("accessKey", "minioadmin", "secretKey", "minioadmin");

    @TempDir
    private static Path folder;

    private static ApiServer api;
    private static TestCa ca;
    private static RealMinio minio;
    private static RunningOperator operator;

    @BeforeAll
    static void start() throws Exception {
        api = new ApiServer(TestCluster.client());
        ca = TestCa.create(Files.createDirectory(folder.resolve("ca")), "store.localhost");
        minio = RealMinio.startPrivate(ca);
        minio.foreignClient(RealMinio.ROOT)
                .makeBucket(MakeBucketArgs.builder().bucket("lake").build());
        minio.put("lake", "ours/a", "a");
        minio.put("lake", "ours/judge.onnx", "a graph");
        minio.put("lake", "theirs/b", "b");
        TestCluster.install(api.client());
        TestCluster.defineIfAbsent(api.client(), "knative/serving-crds.yaml");
        api.namespace(NS);
        api.secret(NS, ROOT);
        operator = new RunningOperator(
                api.client(), GoldenConfig.hasty(URI.create("http://127.0.0.1:9/")), Clock.systemUTC());
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        if (operator != null) {
            var client = api.client();
            for (var kind : List.of(DatasetResource.class, FunctionResource.class, ModelResource.class)) {
                client.resources(kind).inNamespace(NS).delete();
                client.resources(kind)
                        .inNamespace(NS)
                        .informOnCondition(List::isEmpty)
                        .orTimeout(TestCluster.PATIENCE, TimeUnit.SECONDS)
                        .join();
            }
            for (var store : List.of(NS, NS + "-plain")) {
                api.delete(ObjectStoreResource.class, null, store);
                systemSecret("tidemill-store-events-" + store).delete();
                systemSecret(store + "-ca").delete();
            }
            systemSecret(NS).delete();
            client.namespaces().withName(NS).delete();
            operator.close();
            client.close();
        }
        if (minio != null) {
            minio.close();
        }
    }

    @Test
    @DisplayName(
            "Its CA is asked for, reaches the pods of data path, Functions and Models, and a new one replaces them")
    void reachesPods() throws Exception {
        store(NS, "dialect: Auto");
        assertThat(storeIs(NS, Status.False, "Refused")).contains("caSecret");
        api.resource(ObjectStoreResource.class, null, NS)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"caSecret\": \"%s-ca\"}}".formatted(NS));
        assertThat(storeIs(NS, Status.False, "SecretMissing")).contains(NS + "-ca", PrivateCa.KEY, "create it");
        api.secret(NS + "-ca", Map.of(PrivateCa.KEY, ca.pem()));
        storeIs(NS, Status.True, "Measured");

        dataset("table", NS);
        create("Function", "worker", """
                {builtin: mean, data: [{name: a, type: AWS_S3_Prefix, store: %s, bucket: lake, s3Prefix: ours/}]}""".formatted(NS));
        create("Model", "judge", """
                {format: ONNX, source: {store: %s, bucket: lake, key: ours/judge.onnx}, inputs: [{name: x, datatype: FP32, shape: [-1, 2]}],
                 outputs: [{name: y, datatype: FP32, shape: [-1, 1]}]}""".formatted(NS));
        for (var service : List.of("tidemill-dataflow-" + NS, "tidemill-profile-" + NS, "worker")) {
            readsItsOwnAndNothingElse(service, "lake", "ours/");
        }
        readsItsOwnAndNothingElse("model-judge", "tidemill", NS + "/_models/judge/");

        var before = annotation("worker");
        var other = TestCa.create(Files.createDirectory(folder.resolve("other")), "elsewhere.localhost");
        systemSecret(NS + "-ca")
                .edit(secret -> new SecretBuilder(secret)
                        .addToStringData(PrivateCa.KEY, other.pem() + ca.pem())
                        .build());
        // A pair of keys lives on; what is changed in its Secret alone would not reach a pod that runs.
        api.await(
                Service.class,
                NS,
                services -> services.stream()
                        .filter(ApiServer.named("worker"))
                        .noneMatch(service -> annotation(service).equals(before)));
        readsItsOwnAndNothingElse("worker", "lake", "ours/");
    }

    @Test
    @DisplayName("Where a namespace brings its own keys, it need not bring the CA")
    void keysOfTheNamespace() throws Exception {
        var name = NS + "-plain";
        api.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("tidemill-store-" + name)
                        .withNamespace(NS)
                        .endMetadata()
                        .withStringData(ROOT)
                        .build())
                .create();
        api.secret(name + "-ca", Map.of(PrivateCa.KEY, ca.pem()));
        store(name, "dialect: Generic\n  caSecret: %s-ca".formatted(name));
        storeIs(name, Status.True, "Measured");
        dataset("plain", name);
        try (var store = Stores.connect(asInItsPod("tidemill-dataflow-" + name))) {
            assertThat(store.head("lake", "ours/a")).isPresent();
        }
    }

    private static void readsItsOwnAndNothingElse(String service, String bucket, String prefix) throws Exception {
        try (var store = Stores.connect(asInItsPod(service))) {
            assertThat(store.list(bucket, prefix, null).objects())
                    .as(service)
                    .isNotEmpty()
                    .allSatisfy(object -> assertThat(store.head(bucket, object.key()))
                            .as(object.key())
                            .isPresent());
            assertThatThrownBy(() -> store.list("lake", "theirs/", null))
                    .as(service)
                    .isInstanceOf(StoreException.AccessDenied.class);
        }
    }

    /** The environment of the container, with the files that are mounted. */
    private static StoreConfig asInItsPod(String name) throws IOException {
        var service = api.await(Service.class, NS, found -> found.stream().anyMatch(ApiServer.named(name))).stream()
                .filter(ApiServer.named(name))
                .findFirst()
                .orElseThrow();
        var pod = service.getSpec().getTemplate().getSpec();
        var container = pod.getContainers().getFirst();
        var environment = new HashMap<String, String>();
        for (var variable : container.getEnv()) {
            environment.put(variable.getName(), value(variable));
        }
        var bundle = String.valueOf(environment.get("AWS_CA_BUNDLE"));
        var mount = container.getVolumeMounts().stream()
                .filter(found -> bundle.startsWith(found.getMountPath() + "/"))
                .findFirst()
                .orElseThrow();
        var volume = pod.getVolumes().stream()
                .filter(found -> found.getName().equals(mount.getName()))
                .findFirst()
                .orElseThrow();
        var item = volume.getSecret().getItems().getFirst();
        assertThat(bundle).isEqualTo(mount.getMountPath() + "/" + item.getPath());
        var file = folder.resolve(name + ".crt");
        Files.writeString(file, secret(volume.getSecret().getSecretName(), item.getKey()));
        environment.put("AWS_CA_BUNDLE", file.toString());
        return StoreConfig.fromEnvironment(environment);
    }

    private static String value(EnvVar variable) {
        if (variable.getValueFrom() == null) {
            return String.valueOf(variable.getValue());
        }
        var reference = variable.getValueFrom().getSecretKeyRef();
        return secret(reference.getName(), reference.getKey());
    }

    private static String secret(String name, String key) {
        var data = api.client().secrets().inNamespace(NS).withName(name).get().getData();
        return new String(Base64.getDecoder().decode(data.get(key)), StandardCharsets.UTF_8);
    }

    private static String annotation(String service) {
        return annotation(api.client()
                .resources(Service.class)
                .inNamespace(NS)
                .withName(service)
                .get());
    }

    private static String annotation(Service service) {
        return String.valueOf(
                service.getSpec().getTemplate().getMetadata().getAnnotations().get("tidemill.dev/store-ca"));
    }

    private static Resource<Secret> systemSecret(String name) {
        return api.client()
                .secrets()
                .inNamespace(GoldenConfig.CONFIG.namespace())
                .withName(name);
    }

    private static void store(String name, String more) {
        api.create("""
                kind: ObjectStore
                metadata: {name: %1$s}
                spec:
                  endpoint: %2$s
                  pathStyle: false
                  credentialsSecret: %3$s
                  %4$s
                  grants:
                  - {name: ours, namespaces: {matchLabels: {team: %3$s}}, bucket: lake, prefix: ours/, access: ReadWrite}
                """.formatted(name, minio.endpoint(), NS, more));
    }

    private static String storeIs(String name, Status ready, String reason) {
        return api.awaitCondition(ObjectStoreResource.class, null, name, Condition.READY, ready, reason);
    }

    private static void dataset(String name, String store) {
        create("Dataset", name, "{store: %s, source: {bucket: lake, prefix: ours/}, resync: 1h}".formatted(store));
    }

    private static void create(String kind, String name, String spec) {
        api.create("kind: %s\nmetadata: {name: %s, namespace: %s}\nspec: %s\n".formatted(kind, name, NS, spec));
    }
}
