package dev.tidemill.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Condition;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Json;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.model.ModelResource;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.minio.ListObjectsArgs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Training, scoring and drift between a real kube-apiserver and a real MinIO. The pods are processes of this machine with the
 * containers' own environment: they read and write with the keys that were minted for them and no others.
 */
@DisplayName("Models that are trained on a cluster")
@SuppressWarnings("NullAway.Init")
class TrainingIT {

    private static final String NS = "learn-" + UUID.randomUUID().toString().substring(0, 8);
    private static final String MATERIALIZER = "tidemill-dataflow-" + NS;
    private static final String WORKER = "tidemill-profile-" + NS;

    private static ApiServer api;
    private static KubernetesClient client;
    private static RealMinio minio;
    private static FakeDataPath path;
    private static Pods pods;
    private static RunningOperator operator;

    @TempDir
    private static Path logs;

    @BeforeAll
    static void start() throws Exception {
        api = ApiServer.with(NS);
        client = api.client();
        pods = new Pods(client, logs);
        minio = RealMinio.withLake();
        path = new FakeDataPath();
        startOperator();
        api.store(NS, NS, minio, "Auto");
        for (var part = 0; part < 4; part++) {
            rows("points", part, 0);
        }
        dataset("points", "source: {bucket: lake, prefix: ours/points/}, resync: 5s");
        pods.start(service(MATERIALIZER));
        pods.start(service(WORKER));
        api.awaitCondition(DatasetResource.class, NS, "points", "Ready", Status.True, "Committed");
        var broker = api.await(Broker.class, NS, found -> found.stream().anyMatch(ApiServer.named("default")))
                .getFirst();
        KnativeSays.address(client, broker, path.address("/broker/" + NS));
    }

    private static void startOperator() throws IOException {
        operator = new RunningOperator(client, GoldenConfig.hasty(path.address("/")), Clock.systemUTC());
    }

    @AfterAll
    static void stop() throws Exception {
        if (operator != null) {
            api.clear(NS);
            assertThat(keys("tidemill", NS + "/line-training/"))
                    .as("the ledger goes with the Model")
                    .isEmpty();
            api.leave(NS);
            operator.close();
        }
        if (pods != null) {
            pods.close();
        }
        if (minio != null) {
            minio.close();
            path.close();
            client.close();
        }
    }

    /** z = 3a - 2b + 1, and of the ninth part one more, in 250 rows of an object of its own. */
    private static void rows(String dataset, int part, double shift) throws Exception {
        var random = new Random(part);
        var csv = new StringBuilder("a,b,z\n");
        for (var row = 0; row < 250; row++) {
            var a = random.nextDouble() + shift;
            var b = random.nextDouble();
            csv.append(a + "," + b + "," + (3 * a - 2 * b + (part == 9 ? 2 : 1)) + "\n");
        }
        minio.put("lake", "ours/%s/%d.csv".formatted(dataset, part), csv.toString());
    }

    private static void dataset(String name, String spec) {
        api.create("""
                kind: Dataset
                metadata: {name: %1$s, namespace: %2$s}
                spec: {store: %2$s, %3$s}
                """.formatted(name, NS, spec));
    }

    private static Service service(String name) {
        return api.await(Service.class, NS, found -> found.stream().anyMatch(ApiServer.named(name))).stream()
                .filter(ApiServer.named(name))
                .findFirst()
                .orElseThrow();
    }

    private static ModelResource model(String name) {
        return client.resources(ModelResource.class)
                .inNamespace(NS)
                .withName(name)
                .get();
    }

    /** What was made of a Model, as soon as it is that. */
    private static ModelStatus.Made made(String model, Predicate<ModelStatus.Made> wanted) {
        return client
                .resources(ModelResource.class)
                .inNamespace(NS)
                .withName(model)
                .informOnCondition(
                        found -> found.stream().flatMap(TrainingIT::made).anyMatch(wanted))
                .orTimeout(TestCluster.PATIENCE, TimeUnit.SECONDS)
                .join()
                .stream()
                .flatMap(TrainingIT::made)
                .findFirst()
                .orElseThrow();
    }

    private static Stream<ModelStatus.Made> made(ModelResource model) {
        return Optional.ofNullable(model.getStatus())
                .map(ModelStatus::training)
                .map(ModelStatus.Training::made)
                .stream();
    }

    private static List<String> keys(String bucket, String prefix) throws Exception {
        var keys = new java.util.ArrayList<String>();
        for (var found : minio.foreignClient(RealMinio.ROOT)
                .listObjects(ListObjectsArgs.builder()
                        .bucket(bucket)
                        .prefix(prefix)
                        .recursive(true)
                        .build())) {
            keys.add(found.get().objectName());
        }
        return keys;
    }

    @Test
    @DisplayName(
            "A Model is trained, served and scores a Dataset; it is made again when there are more rows, and outlives the operator")
    void learnsServesScoresAndLearnsAgain() throws Exception {
        api.create("""
                kind: Model
                metadata: {name: line, namespace: %s}
                spec:
                  format: ONNX
                  train:
                    {dataset: points, target: z, algorithm: LinearRegression, output: {bucket: lake, prefix: ours/models/}, retrain: OnChange}
                  inputs: [{name: x, datatype: FP64, shape: [-1, 2], columns: [a, b]}]
                  outputs: [{name: told, datatype: FP64, shape: [-1]}]
                """.formatted(NS));
        dataset(
                "told",
                "from: {dataset: points, model: line}, output: {bucket: lake, prefix: ours/told/, format: JsonLines}");
        var served = service("model-line");
        var made = made("line", _ -> true);
        assertThat(made.rows()).isEqualTo(1000);
        assertThat(made.artifact().store()).isEqualTo(NS);
        assertThat(keys("lake", "ours/models/")).contains(made.artifact().key());
        assertThat(served.getSpec().getTemplate().getMetadata().getAnnotations())
                .containsEntry(
                        "tidemill.dev/artifact", "sha256:" + made.artifact().sha256());

        pods.start(served);
        api.awaitCondition(ModelResource.class, NS, "line", "Ready", Status.True, "Serving");
        api.awaitCondition(DatasetResource.class, NS, "told", "Ready", Status.True, "Committed");
        assertThat(predictions()).isEqualTo(1000);

        operator.close();
        startOperator();
        rows("points", 9, 0);
        var again = made("line", newest -> newest.rows() == 1250);
        assertThat(again.revision()).isGreaterThan(made.revision());
        assertThat(model("line").conditions())
                .filteredOn(condition -> condition.type().equals(Condition.READY))
                .as("what serves goes on serving")
                .singleElement()
                .satisfies(ready -> assertThat(ready.holds()).isTrue());
        client.resources(Service.class)
                .inNamespace(NS)
                .withName("model-line")
                .waitUntilCondition(
                        now -> !now.getMetadata()
                                .getGeneration()
                                .equals(served.getMetadata().getGeneration()),
                        1,
                        TimeUnit.MINUTES);
    }

    private static int predictions() throws Exception {
        var rows = 0;
        for (var key : keys("lake", "ours/told/")) {
            if (key.endsWith(".jsonl")) {
                for (var line : minio.read(RealMinio.ROOT, "lake", key).lines().toList()) {
                    var row = Json.mapper().readTree(line);
                    assertThat(row.path("told").asDouble())
                            .isCloseTo(row.path("z").asDouble(), within(1e-9));
                    rows++;
                }
            }
        }
        return rows;
    }

    @Test
    @DisplayName("A training goes on where it was when the operator is ended between its rounds")
    void aTrainingGoesOn() throws Exception {
        var groups = """
                kind: Model
                metadata: {name: %s, namespace: %s}
                spec:
                  format: ONNX
                  train:
                    dataset: still
                    algorithm: KMeans
                    parameters: [{name: clusters, value: "7"}]
                    output: {bucket: lake, prefix: ours/models/}
                    partition: {scale: 4}
                  inputs: [{name: x, datatype: FP64, shape: [-1, 2], columns: [a, b]}]
                  outputs: [{name: group, datatype: INT64, shape: [-1]}]
                """;
        for (var part = 0; part < 4; part++) {
            rows("still", part, 0);
        }
        dataset("still", "source: {bucket: lake, prefix: ours/still/}");
        api.create(groups.formatted("stopped", NS));
        while (revision("stopped") < 3) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        operator.close();
        startOperator();
        api.create(groups.formatted("steady", NS));
        var stopped = made("stopped", _ -> true);
        var steady = made("steady", _ -> true);
        assertThat(stopped.rounds()).isEqualTo(steady.rounds()).isGreaterThan(3);
        assertThat(revision("stopped")).as("no round was taken twice").isEqualTo(stopped.rounds());
        assertThat(warnings("stopped")).as("its rows were waited for").isEmpty();
        assertThat(stopped.metrics()).isEqualTo(steady.metrics());
        assertThat(centres(stopped)).isEqualTo(centres(steady)).hasSize(7 * 2);
    }

    private static List<String> warnings(String model) {
        return client.v1().events().inNamespace(NS).list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(model))
                .filter(event -> event.getType().equals("Warning"))
                .map(Event::getMessage)
                .toList();
    }

    private static JsonNode centres(ModelStatus.Made made) throws Exception {
        var told = minio.read(RealMinio.ROOT, "lake", made.artifact().key().replace(".onnx", ".json"));
        return Json.mapper().readTree(told).at("/parameters/centres");
    }

    /** As the ledger has it. */
    private static long revision(String model) throws Exception {
        var head = minio.read(RealMinio.ROOT, "tidemill", "%s/%s-training/current.json".formatted(NS, model));
        return head.startsWith("{")
                ? Json.mapper().readTree(head).path("revision").asLong()
                : 0;
    }

    @Test
    @DisplayName(
            "A network whose rows cannot be read says which one, is trained once that is mended, and served by the same image")
    void aNetworkSaysWhatIsWrongWithItsRows() throws Exception {
        for (var part = 0; part < 3; part++) {
            minio.put("lake", "ours/spots/%d.csv".formatted(part), spots(part, part == 1 ? "many" : ""));
        }
        dataset("spots", "source: {bucket: lake, prefix: ours/spots/}, resync: 5s");
        api.create("""
                kind: Model
                metadata: {name: net, namespace: %s}
                spec:
                  format: ONNX
                  train:
                    dataset: spots
                    target: side
                    algorithm: NeuralNetwork
                    parameters: [{name: epochs, value: "3"}, {name: hidden, value: "8"}]
                    output: {bucket: lake, prefix: ours/models/}
                    retrain: OnChange
                  inputs: [{name: x, datatype: FP32, shape: [-1, 2], columns: [a, b]}]
                  outputs:
                  - {name: side, datatype: BYTES, shape: [-1]}
                  - {name: probabilities, datatype: FP32, shape: [-1, 2]}
                """.formatted(NS));
        pods.start(service("model-net-training"));
        var failed = api.awaitSaying(ModelResource.class, NS, "net", "Trained", Status.False, "BadInput")
                .getStatus();
        assertThat(failed.lastFailure()).isNotNull().satisfies(failure -> {
            assertThat(failure.location()).isEqualTo("s3://lake/ours/spots/1.csv");
            assertThat(failure.reason()).isEqualTo("BadInput");
            assertThat(failure.message())
                    .isEqualTo(
                            "s3://lake/ours/spots/1.csv: record 11 has \"many\" in column b, and a finite number is needed");
        });

        minio.put("lake", "ours/spots/1.csv", spots(1, ""));
        var made = made("net", _ -> true);
        assertThat(made.rows()).isEqualTo(300);
        assertThat(made.rounds()).isEqualTo(3);
        pods.start(service("model-net"));
        api.awaitCondition(ModelResource.class, NS, "net", "Ready", Status.True, "Serving");
        assertThat(model("net").getStatus().lastFailure()).isNull();

        minio.put("lake", "ours/spots/3.csv", spots(3, "none"));
        var degraded = api.awaitSaying(ModelResource.class, NS, "net", "Degraded", Status.True, "BadInput");
        assertThat(degraded.conditions().getFirst().holds())
                .as("what was learned before is served")
                .isTrue();
        assertThat(degraded.getStatus().lastFailure())
                .isNotNull()
                .satisfies(failure -> assertThat(failure.location()).isEqualTo("s3://lake/ours/spots/3.csv"));
    }

    /** A hundred points on two sides of a line, the eleventh with that word in the place of a number. */
    private static String spots(int part, String word) {
        var random = new Random(part);
        var csv = new StringBuilder("a,b,side\n");
        for (var row = 1; row <= 100; row++) {
            var a = random.nextDouble();
            var b = random.nextDouble();
            csv.append(a + "," + (row == 11 && !word.isEmpty() ? word : b) + "," + (a > b ? "below" : "above") + "\n");
        }
        return csv.toString();
    }

    @Test
    @DisplayName(
            "Live data that has moved away from a declared baseline is a condition, an event of both kinds and a metric; the same data is not")
    void driftIsTold() throws Exception {
        var metrics = new SimpleMeterRegistry();
        Metrics.addRegistry(metrics);
        rows("base", 1, 0);
        rows("same", 2, 0);
        rows("moved", 3, 0.5);
        for (var name : List.of("base", "same", "moved")) {
            dataset(name, "source: {bucket: lake, prefix: ours/%s/}, resync: 5s".formatted(name));
        }
        minio.put("lake", "ours/given/line.onnx", "whatever it is, it is not loaded here");
        for (var live : List.of("same", "moved")) {
            api.create("""
                    kind: Model
                    metadata: {name: looks-at-%2$s, namespace: %1$s}
                    spec:
                      format: ONNX
                      source: {store: %1$s, bucket: lake, key: ours/given/line.onnx}
                      drift: {dataset: %2$s, baseline: base, threshold: "0.2"}
                      inputs: [{name: x, datatype: FP64, shape: [-1, 2], columns: [a, b]}]
                      outputs: [{name: told, datatype: FP64, shape: [-1]}]
                    """.formatted(NS, live));
        }
        var message =
                api.awaitCondition(ModelResource.class, NS, "looks-at-moved", "Drifted", Status.True, "OverThreshold");
        assertThat(message).startsWith("1 of 2 columns have moved by more than 0.2: a (");
        api.awaitCondition(ModelResource.class, NS, "looks-at-same", "Drifted", Status.False, "AsTrained");

        var told = path.awaitDelivery("dev.tidemill.model.drifted");
        assertThat(told.data().path("model").asText()).isEqualTo("looks-at-moved");
        var psi = metrics.get("tidemill.model.drift.psi")
                .tags("namespace", NS, "model", "looks-at-moved", "column", "a")
                .gauge()
                .value();
        assertThat(psi).isEqualTo(told.data().at("/columns/0/psi").asDouble()).isGreaterThan(0.2);
        api.await(
                Event.class,
                NS,
                found -> found.stream()
                        .anyMatch(event -> event.getReason().equals("OverThreshold")
                                && event.getInvolvedObject().getName().equals("looks-at-moved")));

        rows("same", 4, 0.5);
        api.awaitCondition(ModelResource.class, NS, "looks-at-same", "Drifted", Status.True, "OverThreshold");

        api.delete(DatasetResource.class, NS, "same");
        assertThat(api.awaitCondition(
                        ModelResource.class, NS, "looks-at-same", "Drifted", Status.Unknown, "NothingToCompare"))
                .contains("dataset same is not in this namespace");
        assertThat(metrics.find("tidemill.model.drift.psi")
                        .tags("model", "looks-at-same")
                        .gauges())
                .isEmpty();
        Metrics.removeRegistry(metrics);
    }
}
