package dev.tidemill.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.store.ObjectStoreResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.minio.MakeBucketArgs;
import io.minio.RemoveBucketArgs;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What cannot work ends in one condition with its remedy, and works when its cause is gone. Between a real kube-apiserver and a real
 * MinIO, before which stands a {@link Front}; the data path is a {@link FakeDataPath}. What is refused at admission is under
 * {@code src/test/resources/crd}.
 */
@DisplayName("What cannot work says so, with its remedy, and works when its cause is gone")
@SuppressWarnings("NullAway.Init")
class BadInputIT {

    private static final String NS = "bad-" + UUID.randomUUID().toString().substring(0, 8);
    private static final String GENERATE = "generate: {rows: 1, columns: [{name: x, distribution: Uniform}]}";

    private static ApiServer api;
    private static RealMinio minio;
    private static Front front;
    private static FakeDataPath path;
    private static RunningOperator operator;

    @BeforeAll
    static void start() throws Exception {
        api = new ApiServer(TestCluster.client());
        path = new FakeDataPath();
        minio = RealMinio.start(Map.of());
        front = new Front(minio.endpoint());
        minio.foreignClient(RealMinio.ROOT)
                .makeBucket(MakeBucketArgs.builder().bucket("lake").build());
        TestCluster.install(api.client());
        TestCluster.defineIfAbsent(api.client(), "knative/serving-crds.yaml");
        api.namespace(NS);
        api.secret(NS, Map.of("accessKey", "minioadmin", "secretKey", "minioadmin"));
        operator = new RunningOperator(api.client(), GoldenConfig.hasty(path.address("/")), Clock.systemUTC());
        store(NS, front.address().toString(), NS);
        storeIs(NS, Status.True, "Measured");
        dataset("base", "source: {bucket: lake, prefix: ours/base/}");
        for (var service : List.of("tidemill-dataflow-" + NS, "tidemill-profile-" + NS)) {
            api.serves(NS, service, path.address("/materializer"));
        }
        works("base");
        function("mean");
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        if (operator != null) {
            var client = api.client();
            client.resources(DatasetResource.class).inNamespace(NS).delete();
            client.resources(FunctionResource.class).inNamespace(NS).delete();
            api.await(DatasetResource.class, NS, List::isEmpty);
            api.await(FunctionResource.class, NS, List::isEmpty);
            api.forgetStore(NS);
            client.namespaces().withName(NS).delete();
            operator.close();
        }
        if (minio != null) {
            front.close();
            minio.close();
            path.close();
            api.client().close();
        }
    }

    @Test
    @DisplayName("A store at a wrong address is unreachable, and is used once the address is mended")
    void wrongEndpoint() {
        store(NS + "-away", "http://127.0.0.1:9", NS);
        assertThat(storeIs(NS + "-away", Status.False, "Unreachable"))
                .contains("127.0.0.1:9", "tried again on its own");
        mend(ObjectStoreResource.class, null, NS + "-away", "endpoint", "\"" + minio.endpoint() + "\"");
        storeIs(NS + "-away", Status.True, "Measured");
        api.forgetStore(NS + "-away");
    }

    @Test
    @DisplayName("A store that refuses the credentials names their Secret, and is used once that is right")
    void wrongCredentials() {
        api.secret(NS + "-wrong", Map.of("accessKey", "minioadmin", "secretKey", "wrong"));
        store(NS + "-wrong", minio.endpoint().toString(), NS + "-wrong");
        assertThat(storeIs(NS + "-wrong", Status.False, "CredentialsRefused")).contains("mend the Secret");
        var secrets = api.client().secrets().inNamespace(GoldenConfig.CONFIG.namespace());
        secrets.withName(NS + "-wrong").delete();
        api.secret(NS + "-wrong", Map.of("accessKey", "minioadmin", "secretKey", "minioadmin"));
        storeIs(NS + "-wrong", Status.True, "Measured");
        // This MinIO has no target, which costs time and no work.
        assertThat(api.awaitCondition(
                        ObjectStoreResource.class, null, NS + "-wrong", "Notifications", Status.False, "NoTarget"))
                .contains("MINIO_NOTIFY_WEBHOOK_ENABLE_TIDEMILL_BAD", "tidemill-store-events-" + NS + "-wrong");
        api.forgetStore(NS + "-wrong");
    }

    @Test
    @DisplayName(
            "A store that takes a write against its condition is found out, nothing is worked on in it, and it is used once it heeds them")
    void storeWithoutConditionalWrites() throws Exception {
        try (var other = new Front(minio.endpoint())) {
            other.become(Front.Mood.IGNORES_CONDITIONS);
            store(NS + "-lax", other.address().toString(), NS);
            assertThat(storeIs(NS + "-lax", Status.False, "StoreCannotCommit")).contains("If-None-Match");
            api.create("""
                    kind: Dataset
                    metadata: {name: in-lax, namespace: %1$s}
                    spec: {store: %1$s-lax, source: {bucket: lake, prefix: ours/lax/}, resync: 1h}
                    """.formatted(NS));
            assertThat(is("in-lax", Status.Unknown, "StoreNotReady")).contains("StoreCannotCommit", "If-None-Match");
            other.become(Front.Mood.FAITHFUL);
            storeIs(NS + "-lax", Status.True, "Measured");
            for (var service : List.of("tidemill-dataflow-" + NS + "-lax", "tidemill-profile-" + NS + "-lax")) {
                api.serves(NS, service, path.address("/materializer"));
            }
            works("in-lax");
            api.delete(DatasetResource.class, NS, "in-lax");
            api.forgetStore(NS + "-lax");
        }
    }

    @Test
    @DisplayName(
            "While a store restarts, Datasets say so and ask nobody for credentials; what is committed stays Ready")
    void storeRestarts() throws Exception {
        try (var other = new Front(minio.endpoint())) {
            var name = NS + "-rest";
            store(name, other.address().toString(), NS);
            storeIs(name, Status.True, "Measured");
            api.create("""
                    kind: Dataset
                    metadata: {name: steady, namespace: %1$s}
                    spec: {store: %2$s, source: {bucket: lake, prefix: ours/rest/}, resync: 1h}
                    """.formatted(NS, name));
            for (var service : List.of("tidemill-dataflow-" + name, "tidemill-profile-" + name)) {
                api.serves(NS, service, path.address("/materializer"));
            }
            works("steady");

            other.become(Front.Mood.STARTING);
            assertThat(storeIs(name, Status.False, "Unreachable")).contains("Server not initialized yet");
            var message = api.awaitCondition(
                    DatasetResource.class, NS, "steady", Condition.DEGRADED, Status.True, "StoreNotReady");
            assertThat(message).contains("ObjectStore " + name + " is not ready: Unreachable");
            works("steady");

            other.become(Front.Mood.FAITHFUL);
            storeIs(name, Status.True, "Measured");
            api.awaitCondition(DatasetResource.class, NS, "steady", Condition.DEGRADED, Status.False, "AsExpected");
            api.delete(DatasetResource.class, NS, "steady");
            api.forgetStore(name);
        }
    }

    @Test
    @DisplayName("A bucket that is not there is named, and read once it is made; the same when it goes and comes again")
    void missingBucket() throws Exception {
        var foreign = minio.foreignClient(RealMinio.ROOT);
        var later = MakeBucketArgs.builder().bucket("later").build();
        dataset("early", "source: {bucket: later}");
        assertThat(is("early", Status.False, "NoSuchBucket"))
                .contains("bucket later does not exist in ObjectStore " + NS, "create it");
        foreign.makeBucket(later);
        works("early");

        foreign.removeBucket(RemoveBucketArgs.builder().bucket("later").build());
        path.fails(NS + "/early", "NoSuchBucket");
        api.resource(DatasetResource.class, NS, "early")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"tidemill.dev/redrive\": \"1\"}}}");
        is("early", Status.False, "NoSuchBucket");
        path.mends(NS + "/early");
        foreign.makeBucket(later);
        works("early");
    }

    @Test
    @DisplayName("The bucket of the ledgers is no source")
    void stateBucketAsSource() {
        dataset("ledgers", "source: {bucket: tidemill}");
        assertThat(is("ledgers", Status.False, "StateBucket")).contains("use another one");
        mend("ledgers", "source", "{\"bucket\": \"lake\", \"prefix\": \"ours/ledgers/\"}");
        works("ledgers");
    }

    @Test
    @DisplayName(
            "A prefix that nobody granted is asked of the platform administrator, and worked on once it is granted")
    void prefixNotGranted() {
        dataset("shared", "source: {bucket: lake, prefix: shared/}");
        assertThat(is("shared", Status.False, "NotGranted"))
                .contains(NS, "s3://lake/shared/", "ask the platform administrator");
        api.resource(ObjectStoreResource.class, null, NS).patch(PatchContext.of(PatchType.JSON), """
                [{"op": "add", "path": "/spec/grants/-", "value":
                  {"name": "shared", "namespaces": {"matchLabels": {"team": "%s"}}, "bucket": "lake", "prefix": "shared/", "access": "Read"}}]
                """.formatted(NS));
        works("shared");
    }

    @Test
    @DisplayName("A function that is not there is named, and called once it is")
    void unknownFunction() {
        dataset("unworked", "{from: {dataset: base, function: later}, output: {bucket: lake, prefix: ours/later/}}");
        assertThat(is("unworked", Status.False, "FunctionMissing")).contains("later", "create it");
        function("later");
        works("unworked");
    }

    @Test
    @DisplayName("A parent that is not there is named, and read once it is")
    void unknownParent() {
        dataset("orphan", "{from: {dataset: adopted, function: mean}, output: {bucket: lake, prefix: ours/orphan/}}");
        assertThat(is("orphan", Status.False, "ParentMissing")).contains("adopted", "create it");
        dataset("adopted", "source: {bucket: lake, prefix: ours/adopted/}");
        works("orphan");
    }

    @Test
    @DisplayName(
            "A ring of Datasets stops at one of them, which names the ring, and goes on when that reads something else")
    void ring() {
        dataset("egg", "{from: {dataset: hen, function: mean}, output: {bucket: lake, prefix: ours/egg/}}");
        dataset("hen", "{from: {dataset: egg, function: mean}, output: {bucket: lake, prefix: ours/hen/}}");
        var closing =
                api.await(DatasetResource.class, NS, all -> all.stream().anyMatch(BadInputIT::closesARing)).stream()
                        .filter(BadInputIT::closesARing)
                        .findFirst()
                        .orElseThrow()
                        .name();
        assertThat(is(closing, Status.False, "Cycle"))
                .contains("dataset egg", "dataset hen", "must read something else");
        mend(closing, "from", "{\"dataset\": \"base\", \"function\": \"mean\"}");
        works("egg");
        works("hen");
    }

    private static boolean closesARing(DatasetResource dataset) {
        return ApiServer.conditions(dataset).stream()
                .anyMatch(condition -> condition.reason().equals("Cycle"));
    }

    @Test
    @DisplayName("An output inside of its own input is refused, and written once it lies elsewhere")
    void outputInsideItsInput() {
        dataset("snake", "{from: {dataset: base, function: mean}, output: {bucket: lake, prefix: ours/base/snake/}}");
        assertThat(is("snake", Status.False, "OutputInsideInput")).contains("choose another output.prefix");
        mend("snake", "output", "{\"bucket\": \"lake\", \"prefix\": \"ours/snake/\"}");
        works("snake");
    }

    @Test
    @DisplayName("An output inside of another one's source is refused, and written once it lies elsewhere")
    void outputInsideAnothersSource() {
        dataset("cuckoo", "{%s, output: {bucket: lake, prefix: ours/base/cuckoo/}}".formatted(GENERATE));
        assertThat(is("cuckoo", Status.False, "OutputInsideSource"))
                .contains("dataset base", "choose another output.prefix");
        mend("cuckoo", "output", "{\"bucket\": \"lake\", \"prefix\": \"ours/cuckoo/\"}");
        works("cuckoo");
    }

    @Test
    @DisplayName("Of two Datasets with one output the younger is refused, and writes when the other is gone")
    void oneOutputForTwo() {
        dataset("first", "{%s, output: {bucket: lake, prefix: ours/one/}}".formatted(GENERATE));
        works("first");
        dataset("second", "{%s, output: {bucket: lake, prefix: ours/one/}}".formatted(GENERATE));
        var refused = api
                .await(DatasetResource.class, NS, all -> all.stream().anyMatch(dataset -> says(dataset, "OutputTaken")))
                .stream()
                .filter(dataset -> says(dataset, "OutputTaken"))
                .findFirst()
                .orElseThrow()
                .name();
        assertThat(is(refused, Status.False, "OutputTaken")).contains("choose another output.prefix");
        api.delete(DatasetResource.class, NS, refused.equals("first") ? "second" : "first");
        works(refused);
    }

    private static boolean says(DatasetResource dataset, String reason) {
        return ApiServer.conditions(dataset).stream()
                .anyMatch(condition -> condition.reason().equals(reason));
    }

    private static void store(String name, String endpoint, String secret) {
        api.create("""
                kind: ObjectStore
                metadata: {name: %1$s}
                spec:
                  endpoint: %2$s
                  credentialsSecret: %3$s
                  grants:
                  - {name: ours, namespaces: {matchLabels: {team: %4$s}}, bucket: lake, prefix: ours/, access: ReadWrite}
                  - {name: later, namespaces: {matchLabels: {team: %4$s}}, bucket: later, access: Read}
                """.formatted(name, endpoint, secret, NS));
    }

    private static void dataset(String name, String spec) {
        var withStore = spec.startsWith("{") ? spec.substring(1, spec.length() - 1) : spec;
        api.create("""
                kind: Dataset
                metadata: {name: %1$s, namespace: %2$s}
                spec: {store: %2$s, resync: 1h, %3$s}
                """.formatted(name, NS, withStore));
    }

    private static void function(String name) {
        api.create("kind: Function\nmetadata: {name: %s, namespace: %s}\nspec: {builtin: mean}\n".formatted(name, NS));
        api.serves(NS, name, path.address("/function"));
    }

    private static void mend(String dataset, String field, String value) {
        mend(DatasetResource.class, NS, dataset, field, value);
    }

    private static <R extends TidemillResource<?, ?>> void mend(
            Class<R> kind, @Nullable String namespace, String name, String field, String value) {
        api.resource(kind, namespace, name)
                .patch(
                        PatchContext.of(PatchType.JSON),
                        "[{\"op\": \"replace\", \"path\": \"/spec/%s\", \"value\": %s}]".formatted(field, value));
    }

    private static String storeIs(String name, Status ready, String reason) {
        return api.awaitCondition(ObjectStoreResource.class, null, name, Condition.READY, ready, reason);
    }

    private static void works(String dataset) {
        is(dataset, Status.True, "Committed");
    }

    /** @return the message, which one condition alone has beside Ready */
    private static String is(String dataset, Status ready, String reason) {
        var conditions = ApiServer.conditions(
                api.awaitSaying(DatasetResource.class, NS, dataset, Condition.READY, ready, reason));
        var message = conditions.getFirst().message();
        assertThat(conditions.stream()
                        .skip(1)
                        .filter(one -> !one.message().isEmpty() && one.message().equals(message)))
                .hasSize(ready == Status.True ? 0 : 1);
        return message;
    }
}
