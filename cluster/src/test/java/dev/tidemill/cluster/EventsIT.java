package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Events in and out of a namespace, by its broker, with a function of a user's own ({@link MoodyFunction}). */
@Order(2)
@OnCluster
@DisplayName("Events on a cluster")
class EventsIT {

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

    private final Installation tidemill;

    @SuppressWarnings("NullAway.Init")
    private Broker broker;

    EventsIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @BeforeAll
    void made() throws Exception {
        tidemill.store().put("lake/incoming/first.csv", "x\n1\n");
        tidemill.apply(WORK.formatted(tidemill.program(MoodyFunction.class), Broker.SOURCE));
        tidemill.ready("function/moody", "dataset/arrivals");
        broker = tidemill.broker();
    }

    @AfterAll
    void left() {
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
        var trace = trace(Await.line(() -> operatorLog().filter(line -> line.contains(stored))));
        Await.line(() -> dataPathLog()
                .filter(line -> line.contains("Dataset " + Installation.OURS + "/arrivals: DONE at revision 2")
                        && line.contains(trace)));
        Await.line(() -> operatorLog()
                .filter(line ->
                        line.contains("took dev.tidemill.dataset.materialized of arrivals") && line.contains(trace)));
        Await.line(() -> moodyLog()
                .filter(line -> line.contains("com.amazonaws.s3.ObjectCreated:") && line.contains("00-" + trace)));
        Await.line(() -> moodyLog()
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
        var seen = Await.line(() -> dataPathLog().filter(line -> line.contains("DONE at revision 3")));
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
        var letters = new Letters(tidemill, "moody");
        var letter = letters.one();
        assertThat(letter.text("/event/id")).isEqualTo("work-2");
        assertThat(letter.text("/why")).contains("500").contains("not in this mood");
        Await.line(() -> tidemill.kubectl("get", "events", "--field-selector=reason=EventNotDelivered")
                .lines()
                .filter(line -> line.contains("moody") && line.contains("work-2")));
        mood("good");
        letters.redrive("1");
        awaitLine(MoodyFunction.line("good", "test.work", "work-2"));
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
        tidemill.ready("dataset/judged");
        assertThat(tidemill.dataset("judged").at("/status/items/failed").asInt())
                .isZero();
        tidemill.kubectl("delete", "datasets,functions", "--all", "--timeout=120s");
    }

    private int rows() {
        return tidemill.dataset("arrivals").at("/status/rows").asInt();
    }

    /** Until it has heard of it: a pod that has just come up is in a good one. */
    private void mood(String mood) throws Exception {
        var id = "mood-" + Instant.now();
        send(MoodyFunction.MOOD, id, "\"" + mood + "\"");
        awaitLine(MoodyFunction.line(mood, MoodyFunction.MOOD, id));
    }

    private void send(String type, String id, String json) throws Exception {
        broker.send(type, id, json);
    }

    private void awaitLine(String part) {
        Await.line(() -> moodyLog().filter(line -> line.contains(part)));
    }

    private static String trace(String line) {
        var found = TRACE.matcher(line);
        assertThat(found.find()).as("a traceId in %s", line).isTrue();
        return found.group(1);
    }

    private Stream<String> operatorLog() {
        return new Logs(tidemill.shell(), Installation.NAMESPACE, "app.kubernetes.io/component=operator").lines();
    }

    private Stream<String> dataPathLog() {
        return tidemill.logs("app.kubernetes.io/component=dataflow");
    }

    private Stream<String> moodyLog() {
        return tidemill.logs("tidemill.dev/function=moody");
    }

    private static void assertIsJson(String line) {
        assertThat(new Json(line).text("/message")).as(line).isNotEmpty();
    }
}
