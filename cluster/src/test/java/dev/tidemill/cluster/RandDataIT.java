package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** From an empty namespace to a Dataset that is ready, and on with it: each test goes on where the one before has stopped. */
@Order(1)
@OnCluster
@DisplayName("01-rand-data on a cluster")
class RandDataIT {

    private static final String DATA_PATH = "app.kubernetes.io/managed-by=tidemill";

    /** How {@code mc} tells of a 403. */
    private static final String[] DENIED = {"Access Denied", "Insufficient permissions"};

    private final Installation tidemill;

    RandDataIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @Test
    @Order(0)
    @DisplayName("helm test finds operator and store ready")
    void helmTestPasses() {
        assertThat(tidemill.shell().run("helm", "test", "tidemill", "-n", Installation.NAMESPACE))
                .contains("Succeeded");
    }

    @Test
    @Order(1)
    @DisplayName("kubectl apply -f 01-rand-data.yaml in an empty namespace becomes Ready")
    void becomesReady() {
        var began = Instant.now();
        tidemill.kubectl("apply", "-f", Installation.example("01-rand-data.yaml"));
        tidemill.ready("dataset/rand-data");
        var data = Duration.between(began, Instant.now());
        tidemill.ready("dataset/average");
        var average = Duration.between(began, Instant.now());
        System.out.printf(
                "Ready from an empty namespace: rand-data after %d s, average after %d s%n",
                data.toSeconds(), average.toSeconds());
        assertCountsEveryObjectOnce();
    }

    @Test
    @Order(2)
    @DisplayName("kubectl get, explain and diff answer")
    void everydayCommandsAnswer() {
        var table = tidemill.kubectl("get", "datasets").lines().toList();
        assertThat(table.getFirst()).contains("NAME", "READY", "OBJECTS", "AGE");
        assertThat(table)
                .filteredOn(line -> line.startsWith("rand-data"))
                .singleElement()
                .asString()
                .contains("True", "20");
        assertThat(tidemill.kubectl("get", "dset,fn", "-o", "name"))
                .contains("dataset.tidemill.dev/average", "function.tidemill.dev/mean");
        assertThat(tidemill.kubectl("explain", "dataset.spec.source"))
                .contains("FIELDS:", "prefix", "bucket")
                .doesNotContain("<empty>");
        // Exit status 1 says that a server-side apply would change something.
        assertThat(tidemill.kubectl("diff", "-f", Installation.example("01-rand-data.yaml")))
                .isEmpty();
    }

    @Test
    @Order(3)
    @DisplayName("kubectl apply --server-side by another field manager does not fight the operator")
    void anotherFieldManagerIsNotFought() {
        var before = dataset("rand-data");
        for (var time = 0; time < 2; time++) {
            tidemill.kubectl(
                    "apply",
                    "--server-side",
                    "--field-manager=gitops",
                    "--force-conflicts",
                    "-f",
                    Installation.example("01-rand-data.yaml"));
        }
        var after = dataset("rand-data");
        assertThat(after.at("/metadata/generation")).isEqualTo(before.at("/metadata/generation"));
        assertThat(after.at("/status/revision")).isEqualTo(before.at("/status/revision"));
        for (var manager : after.at("/metadata/managedFields")) {
            if (manager.path("manager").asText().contains("tidemill")
                    || manager.path("subresource").asText().equals("status")) {
                assertThat(manager.at("/fieldsV1/f:spec").isMissingNode())
                        .as("fields of %s", manager)
                        .isTrue();
            }
        }
    }

    @Test
    @Order(4)
    @DisplayName(
            "An object that a foreign client puts is counted when the store tells of it, and by the next resync when that is lost")
    void anObjectOfAForeignClientIsCounted() {
        var numbers = new ArrayList<>(List.of(new BigDecimal("41.5"), new BigDecimal("-3.25")));
        numbers.forEach(this::put);
        tidemill.apply("""
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: incoming}
                spec: {source: {bucket: lake, prefix: incoming/}, resync: 1h}
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: incoming-average}
                spec: {from: {dataset: incoming, function: mean, combine: Tree}, resync: 1h}
                """);
        tidemill.ready("dataset/incoming-average");
        assertCounted(numbers);

        // Long before the resync: the store has told of it.
        var began = Instant.now();
        numbers.add(new BigDecimal("1e3"));
        put(numbers.getLast());
        tidemill.kubectl("wait", "--for=jsonpath={.status.rows}=3", "dataset/incoming", "--timeout=300s");
        System.out.printf("An object put by mc was profiled %d s later%n", seconds(began));
        assertCounted(numbers);

        // The store is made to forget whom to tell.
        resync("20s");
        tidemill.store().mc("event", "remove", "store/lake", "--force").orFail();
        numbers.add(new BigDecimal("0.001"));
        put(numbers.getLast());
        assertCounted(numbers);
        resync("1h");
    }

    private void put(BigDecimal number) {
        tidemill.store().put("lake/incoming/" + number + ".csv", "x\n" + number + "\n");
    }

    private void resync(String every) {
        var patch = "{\"spec\": {\"resync\": \"" + every + "\"}}";
        tidemill.kubectl("patch", "dataset", "incoming", "--type=merge", "-p", patch);
    }

    private void assertCounted(List<BigDecimal> numbers) {
        var count = numbers.size();
        tidemill.kubectl("wait", "--for=jsonpath={.status.rows}=" + count, "dataset/incoming", "--timeout=300s");
        tidemill.kubectl(
                "wait", "--for=jsonpath={.status.result.count}=" + count, "dataset/incoming-average", "--timeout=300s");
        var expected = Numbers.of(numbers);
        expected.assertProfiled(dataset("incoming"));
        expected.assertMean(dataset("incoming-average"));
    }

    private static long seconds(Instant since) {
        return Duration.between(since, Instant.now()).toSeconds();
    }

    @Test
    @Order(5)
    @DisplayName("Minted credentials open the granted prefix and get 403 on the neighbour's")
    void mintedCredentialsStopAtTheGrant() {
        tidemill.store().put("lake/neighbour/secret.csv", "x\n1\n");
        var secrets = tidemill.kubectl("get", "secrets", "-l", DATA_PATH, "-o", "jsonpath={.items[*].metadata.name}")
                .split(" ", -1);
        assertThat(secrets).isNotEmpty();
        for (var secret : secrets) {
            assertThat(as(secret, "cat", "store/lake/incoming/41.5.csv")
                            .orFail()
                            .output())
                    .isEqualTo("x\n41.5\n");
            assertThat(as(secret, "cat", "store/lake/neighbour/secret.csv").errors())
                    .containsAnyOf(DENIED);
            assertThat(as(secret, "ls", "store/lake/neighbour/").errors()).containsAnyOf(DENIED);
            assertThat(as(secret, "ls", "store/tidemill/" + Installation.NEIGHBOUR + "/")
                            .errors())
                    .containsAnyOf(DENIED);
        }
    }

    private Shell.Result as(String secret, String... arguments) {
        return tidemill.store().mcAs(Installation.OURS, secret, "", arguments);
    }

    @Test
    @Order(6)
    @DisplayName("A prefix that nobody granted is refused, and works once it is")
    void whatIsNotGrantedIsRefused() {
        var yaml = """
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: of-others}
                spec: {source: {bucket: lake, prefix: neighbour/}}
                """;
        tidemill.shell()
                .send(yaml, "kubectl", "-n", Installation.OURS, "apply", "-f", "-")
                .orFail();
        tidemill.kubectl(
                "wait",
                "--for=jsonpath={.status.conditions[?(@.type==\"Ready\")].reason}=NotGranted",
                "dataset/of-others",
                "--timeout=60s");
        tidemill.shell()
                .send(yaml, "kubectl", "-n", Installation.NEIGHBOUR, "apply", "-f", "-")
                .orFail();
        tidemill.shell()
                .run(
                        "kubectl",
                        "-n",
                        Installation.NEIGHBOUR,
                        "wait",
                        "--for=condition=Ready",
                        "dataset/of-others",
                        "--timeout=180s");
        tidemill.kubectl("delete", "dataset", "of-others", "--timeout=60s");
    }

    @Test
    @Order(7)
    @DisplayName("Nothing of the data path runs when there is nothing to do")
    void zeroWhenIdle() {
        var began = Instant.now();
        Await.until(Duration.ofMinutes(4), () -> tidemill.pods(DATA_PATH).isEmpty());
        System.out.printf(
                "No pod of the data path %d s later%n",
                Duration.between(began, Instant.now()).toSeconds());
    }

    @Test
    @Order(8)
    @DisplayName("kubectl delete takes away ledger, credentials and services, and leaves the data")
    void deletionCleansUp() {
        assertThat(tidemill.store().keys("tidemill/" + Installation.OURS + "/")).isNotEmpty();
        tidemill.kubectl("delete", "datasets,functions", "--all", "--timeout=120s");
        tidemill.kubectl("wait", "--for=delete", "services.serving.knative.dev", "-l", DATA_PATH, "--timeout=60s");
        assertThat(tidemill.kubectl("get", "services.serving.knative.dev,secrets", "-l", DATA_PATH, "-o", "name"))
                .isEmpty();
        assertThat(tidemill.store().keys("tidemill/" + Installation.OURS + "/")).isEmpty();
        assertThat(tidemill.store().keys("lake/test-data/")).hasSizeGreaterThanOrEqualTo(20);
        assertThat(tidemill.store().keys("lake/incoming/")).hasSize(4);
    }

    @Test
    @Order(9)
    @DisplayName("The API server refused the operator nothing that it asked for")
    void rightsSuffice() {
        var log = tidemill.shell().run("kubectl", "-n", Installation.NAMESPACE, "logs", "deployment/tidemill-operator");
        assertThat(log).contains("started in").doesNotContain("forbidden");
    }

    private JsonNode dataset(String name) {
        return tidemill.dataset(name);
    }

    /** Compares with the objects themselves: those that the output names as current, read by another client. */
    private void assertCountsEveryObjectOnce() {
        var expected = tidemill.store().numbers("lake", "test-data/");
        assertThat(expected.count()).isEqualTo(20);
        expected.assertProfiled(dataset("rand-data"));
        expected.assertMean(dataset("average"));
    }
}
