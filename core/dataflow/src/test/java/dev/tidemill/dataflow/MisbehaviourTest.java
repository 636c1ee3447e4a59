package dev.tidemill.dataflow;

import static dev.tidemill.dataflow.TestFunction.reply;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetSpec.Reprocess;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.Task.Partition;
import dev.tidemill.dataflow.Task.Policy;
import dev.tidemill.dataflow.internal.ledger.Limits;
import dev.tidemill.store.Fault;
import dev.tidemill.store.Faults;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A whole run against functions and stores that do what they should not, over real HTTP. Objects are named after what is done. */
class MisbehaviourTest {

    private static final int GOOD = 12;
    private static final ObjectMapper JSON = Json.mapper();

    private final MemoryStore memory = new MemoryStore();
    private final ObjectClient store = memory.client();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final CountDownLatch never = new CountDownLatch(1);
    private final TestFunction function = new TestFunction(this::answer);
    private final HttpFunctionClient client = new HttpFunctionClient(Clock.systemUTC(), Duration.ofMillis(100));
    private int runs;

    @BeforeEach
    void buckets() {
        store.createBucket("tidemill");
        store.createBucket("in");
        store.createBucket("out");
        for (int i = 0; i < GOOD; i++) {
            put("good-" + i);
        }
    }

    @AfterEach
    void close() {
        never.countDown();
        client.close();
        function.close();
    }

    private void put(String key) {
        store.put("in", key, key.getBytes(StandardCharsets.UTF_8), "text/plain", Precondition.NONE);
    }

    private void answer(TestFunction.Request request, OutputStream out) throws Exception {
        JsonNode data = JSON.readTree(request.body()).path("function_data");
        String key = data.findValue("key").asText();
        boolean first = seen.add(key);
        switch (key) {
            case "own-400" -> out.write(reply(400, "Tidemill-Verdict: final", "column x is missing"));
            case "proxy-400" -> out.write(reply(400, "", "no route"));
            case "always-500" -> out.write(reply(500, "", "NullPointerException"));
            case "garbage" -> say(out, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
            case "cut" -> say(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbeginning");
            case "never" -> never.await();
            case "huge" -> say(out, "HTTP/1.1 200 OK\r\nContent-Length: 34603008\r\n\r\n");
            case "event" ->
                out.write(reply(
                        200,
                        "ce-specversion: 1.0\nce-type: dev.tidemill.failure",
                        "{\"reason\":\"BadRow\",\"message\":\"not a number\",\"line\":812,\"byte\":40961}"));
            case "busy-once" -> out.write(first ? reply(503, "Retry-After: 0", "") : reply(200, "", key));
            case "early-once" -> {
                if (first) {
                    throw new IOException("closes the connection");
                }
                out.write(reply(200, "", key));
            }
            default -> out.write(reply(200, "Content-Type: text/plain", key));
        }
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
        throw new IOException("and closes the connection");
    }

    private SliceReply run(ObjectClient store, String bucket, double tolerated) throws InterruptedException {
        var policy = new RetryPolicy(4, 2, new Backoff(Duration.ofMillis(2), Duration.ofMillis(20)), 20, 10, 3);
        var surroundings =
                new Surroundings(policy, Time.SYSTEM, new Random(runs), KillSwitch.NEVER, null, Limits.DEFAULT);
        var target = FunctionTarget.of("f", function.url(), "1", Duration.ofSeconds(2));
        var task = Task.of(
                        "laptop",
                        new DatasetRef("default", "d", "uid", 1),
                        "tidemill",
                        new Input.Listing(bucket, "", List.of(), List.of()))
                .output(new DatasetSpec.Output("out", "out/", DataFormat.Type.Raw))
                .partition(new Partition(1_000, 64 << 20, false))
                .function(target)
                .policy(new Policy(tolerated, Duration.ofMinutes(10), Duration.ofHours(24), Reprocess.OnChange))
                .build();
        var request = new SliceRequest(
                task, SliceRequest.Turn.full("run-" + ++runs, Trace.of(null, new Random(1)), 4, Duration.ofMinutes(2)));
        return new Materializer(store, client, surroundings).run(request);
    }

    @Test
    void eachMisbehaviourLeavesTheRecordThatItsOwnerNeedsAndTheRestIsCommitted() throws Exception {
        Map<String, String> expected = new TreeMap<>(Map.of(
                "own-400", "FunctionRefused: column x is missing",
                "proxy-400", "FunctionFailed: .* answered 400: no route",
                "always-500", "FunctionFailed: .* answered 500: NullPointerException",
                "garbage", "FunctionUnreachable: what .* answered is not HTTP.*",
                "cut", "FunctionUnreachable: .* closed the connection before its reply was whole.*",
                "never", "FunctionTimedOut: no reply from .* within 2 s: raise the function's timeout.*",
                "huge", "ReplyTooLarge: .* larger than 32 MiB: let the function write its output.*",
                "event", "BadRow: not a number"));
        expected.keySet().forEach(this::put);
        put("busy-once");
        put("early-once");

        SliceReply strict = run(store, "in", 0);
        SliceReply tolerant = run(store, "in", 50);

        assertThat(strict.state()).as(strict.message()).isEqualTo(State.FAILED);
        assertThat(strict.revision()).isZero();
        Map<String, Failure> records = strict.failures().stream()
                .collect(Collectors.toMap(
                        failure -> String.valueOf(failure.object()).replace("s3://in/", ""), f -> f));
        assertThat(records).containsOnlyKeys(expected.keySet());
        expected.forEach((key, words) -> assertThat(records.get(key))
                .extracting(failure -> failure.reason() + ": " + failure.message())
                .asString()
                .matches(words));
        assertThat(records.get("event"))
                .extracting(Failure::line, Failure::byteOffset)
                .containsExactly(812L, 40961L);

        assertThat(tolerant.state()).as(tolerant.message()).isEqualTo(State.DEGRADED);
        assertThat(tolerant.objects()).isEqualTo(GOOD + 2);
    }

    @Test
    void aStoreThatIsAwayForAWhileOnlyDelays() throws Exception {
        int[] until = {60};
        ObjectClient flaky = memory.client((Faults)
                operation -> operation.number() > 25 && operation.number() < until[0] ? Fault.FAIL_BEFORE : Fault.NONE);

        SliceReply reply = run(flaky, "in", 0);
        int slices = 1;
        while (reply.state() != State.DONE) {
            assertThat(reply.state()).as(reply.message()).isIn(State.MORE, State.BUSY);
            memory.advance(Duration.ofMinutes(5));
            reply = run(flaky, "in", 0);
            assertThat(++slices).isLessThan(60);
        }

        assertThat(reply.objects()).isEqualTo(GOOD);
    }

    @Test
    void aMissingBucketIsNamedAndFailsNothingElse() throws Exception {
        SliceReply reply = run(store, "nowhere", 0);

        assertThat(reply.state()).isEqualTo(State.FAILED);
        assertThat(reply.reason()).isEqualTo("NoSuchBucket");
        assertThat(reply.message()).contains("nowhere");
        assertThat(seen).isEmpty();
    }
}
