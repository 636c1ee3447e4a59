package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/** Events in and out of a namespace, by its broker, with a function of a user's own ({@link MoodyFunction}). */
@Order(2)
@ExtendWith(Installed.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@DisplayName("Events on a cluster")
class EventsIT {

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Pattern TRACE = Pattern.compile("\"traceId\":\"([0-9a-f]{32})\"");

    private static final String WORK = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Function
            metadata: {name: moody}
            spec:
              image: %s
              scale: {min: 1, max: 1, concurrency: 8}
              data:
              - {name: incoming, type: AWS_S3_Prefix, store: default, bucket: lake, s3Prefix: incoming/, access: Read}
              events:
              - {name: test, filter: {source: %s}}
              - {name: told, filter: {type: dev.tidemill.dataset.materialized, subject: arrivals}}
              - name: stored
                filters:
                - prefix: {type: "com.amazonaws.s3.ObjectCreated:"}
                - suffix: {subject: .csv}
            ---
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: arrivals}
            spec: {source: {bucket: lake, prefix: incoming/}, resync: 1h}
            """;

    private static final String JUDGED = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Dataset
            metadata: {name: judged}
            spec:
              from: {dataset: arrivals, function: moody}
              output: {bucket: lake, prefix: test-data/judged/, format: JsonLines}
              resync: 1h
            """;

    @SuppressWarnings("NullAway.Init")
    private static Installation tidemill;

    @SuppressWarnings("NullAway.Init")
    private static Broker broker;

    @BeforeAll
    static void installed(Installation installation) throws Exception {
        tidemill = installation;
        tidemill.store().put("lake/incoming/first.csv", "x\n1\n");
        tidemill.apply(WORK.formatted(tidemill.pushProgram(MoodyFunction.class), Broker.SOURCE));
        for (var made : List.of("function/moody", "dataset/arrivals")) {
            tidemill.kubectl("wait", "--for=condition=Ready", made, "--timeout=300s");
        }
        broker = new Broker(
                tidemill.shell(), tidemill.kubectl("get", "broker", "default", "-o", "jsonpath={.status.address.url}"));
    }

    @AfterAll
    static void left() {
        broker.close();
    }

    @Test
    @Order(1)
    @DisplayName("An event of the namespace's broker calls the function that asked for it")
    void anEventCallsTheFunction() throws Exception {
        send("test.work", "work-1", "{}");
        awaitLine(MoodyFunction.line("good", "test.work", "work-1"));
    }

    @Test
    @Order(2)
    @DisplayName(
            "One trace leads from the store's event over the commit to its announcement, and to the function that was told")
    void oneTraceFromTheStoreToTheFunction() {
        var began = Instant.now();
        tidemill.store().put("lake/incoming/second.csv", "x\n2\n");
        var stored = "ObjectStore default told of 1 keys of Dataset " + Installation.OURS + "/arrivals";
        var trace = trace(await(() -> operatorLog().filter(line -> line.contains(stored))));
        await(() -> dataPathLog()
                .filter(line -> line.contains("Dataset " + Installation.OURS + "/arrivals: DONE at revision 2")
                        && line.contains(trace)));
        await(() -> operatorLog()
                .filter(line ->
                        line.contains("took dev.tidemill.dataset.materialized of arrivals") && line.contains(trace)));
        await(() -> moodyLog()
                .filter(line -> line.contains("com.amazonaws.s3.ObjectCreated:") && line.contains("00-" + trace)));
        await(() -> moodyLog()
                .filter(line -> line.contains("dev.tidemill.dataset.materialized") && line.contains("00-" + trace)));
        System.out.printf(
                "From mc's put to the function that was told: %d s%n",
                Duration.between(began, Instant.now()).toSeconds());
    }

    @Test
    @Order(3)
    @DisplayName("Operator and data path log one JSON object a line")
    void logsAreJson() {
        assertThat(operatorLog()).isNotEmpty().allSatisfy(EventsIT::assertIsJson);
        tidemill.store().put("lake/incoming/third.csv", "x\n3\n");
        var seen = await(() -> dataPathLog().filter(line -> line.contains("DONE at revision 3")));
        assertIsJson(seen);
        assertThat(dataPathLog()).allSatisfy(EventsIT::assertIsJson);
    }

    @Test
    @Order(4)
    @DisplayName("A Dataset is woken by dev.tidemill.dataset.changed when the store's notification is lost")
    void theBrokerWakesADataset() throws Exception {
        var before = rows();
        tidemill.store().mc("event", "remove", "store/lake", "--force").orFail();
        tidemill.store().put("lake/incoming/fourth.csv", "x\n4\n");
        send("dev.tidemill.dataset.changed", "changed-1", "{\"dataset\":\"arrivals\"}");
        tidemill.kubectl("wait", "--for=jsonpath={.status.rows}=" + (before + 1), "dataset/arrivals", "--timeout=300s");
    }

    @Test
    @Order(5)
    @DisplayName(
            "What a function does not take becomes a dead letter with its reason, and kubectl annotate sends it again")
    void deadLettersAreKeptAndSentAgain() throws Exception {
        mood("bad");
        send("test.work", "work-2", "{\"for\":\"somebody\"}");
        var letters = "tidemill/" + Installation.OURS + "/_deadletters/moody/";
        await(() -> tidemill.store().keys(letters).stream());
        var letter = new Json(
                tidemill.store().cat(letters + tidemill.store().keys(letters).getFirst()));
        assertThat(letter.text("/event/id")).isEqualTo("work-2");
        assertThat(letter.text("/why")).contains("500").contains("not in this mood");
        await(() -> tidemill.kubectl("get", "events", "--field-selector=reason=EventNotDelivered")
                .lines()
                .filter(line -> line.contains("moody") && line.contains("work-2")));
        mood("good");
        tidemill.kubectl("annotate", "function/moody", "tidemill.dev/redrive=1");
        awaitLine(MoodyFunction.line("good", "test.work", "work-2"));
        RandDataIT.await(LIMIT, () -> tidemill.store().keys(letters).isEmpty());
    }

    @Test
    @Order(6)
    @DisplayName("A Dataset whose function refused its objects is mended by kubectl annotate tidemill.dev/redrive")
    void aDatasetIsRedriven() throws Exception {
        mood("bad");
        tidemill.apply(JUDGED);
        tidemill.kubectl(
                "wait",
                "--for=jsonpath={.status.conditions[?(@.type==\"Ready\")].reason}=TooManyFailures",
                "dataset/judged",
                "--timeout=300s");
        assertThat(tidemill.kubectl("get", "dataset", "judged", "-o", "yaml")).contains("not today");
        mood("good");
        tidemill.kubectl("annotate", "dataset/judged", "tidemill.dev/redrive=1");
        tidemill.kubectl("wait", "--for=condition=Ready", "dataset/judged", "--timeout=300s");
        assertThat(tidemill.dataset("judged").at("/status/items/failed").asInt())
                .isZero();
        tidemill.kubectl("delete", "datasets,functions", "--all", "--timeout=120s");
    }

    private static int rows() {
        return tidemill.dataset("arrivals").at("/status/rows").asInt();
    }

    /** Until it has heard of it: a pod that has just come up is in a good one. */
    private static void mood(String mood) throws Exception {
        var id = "mood-" + Instant.now();
        send(MoodyFunction.MOOD, id, "\"" + mood + "\"");
        awaitLine(MoodyFunction.line(mood, MoodyFunction.MOOD, id));
    }

    private static void send(String type, String id, String json) throws Exception {
        broker.send(type, id, json);
    }

    private static void awaitLine(String part) {
        await(() -> moodyLog().filter(line -> line.contains(part)));
    }

    /** The last line of those that are waited for. */
    private static String await(Supplier<Stream<String>> lines) {
        var found = new ArrayList<String>();
        RandDataIT.await(LIMIT, () -> {
            lines.get().forEach(found::add);
            return !found.isEmpty();
        });
        return found.getLast();
    }

    private static String trace(String line) {
        var found = TRACE.matcher(line);
        assertThat(found.find()).as("a traceId in %s", line).isTrue();
        return found.group(1);
    }

    private static Stream<String> operatorLog() {
        return log(Installation.NAMESPACE, "app.kubernetes.io/component=operator");
    }

    private static Stream<String> dataPathLog() {
        return log(Installation.OURS, "app.kubernetes.io/component=dataflow");
    }

    private static Stream<String> moodyLog() {
        return log(Installation.OURS, "tidemill.dev/function=moody");
    }

    /** Of the pods' own containers, without what the JVM says on standard error before it starts. */
    private static Stream<String> log(String namespace, String selector) {
        var containers = tidemill.shell()
                .run(
                        "kubectl",
                        "-n",
                        namespace,
                        "get",
                        "pods",
                        "-l",
                        selector,
                        "-o",
                        "jsonpath={range .items[*]}{.metadata.name} {.spec.containers[0].name}{\"\\n\"}{end}");
        return containers.lines().flatMap(line -> {
            var words = line.split(" ", -1);
            // A pod may go while it is asked, and a container may not have begun.
            return tidemill.shell()
                    .attempt("kubectl", "-n", namespace, "logs", words[0], "-c", words[1])
                    .output()
                    .lines()
                    .filter(said -> !said.startsWith("WARNING: Using incubator modules"));
        });
    }

    private static void assertIsJson(String line) {
        assertThat(new Json(line).text("/message")).as(line).isNotEmpty();
    }
}
