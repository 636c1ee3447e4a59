package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.DatasetSpec.Reprocess;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.Task.Partition;
import dev.tidemill.dataflow.Task.Policy;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.Limits;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import java.io.IOException;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bisects the mean of the objects' numbers: each round asks all of them on which side of the guess they lie in sum. */
class RoundsTest {

    private static final int ROUNDS = 6;
    private static final DatasetRef PARENT = new DatasetRef("default", "numbers", "uid-numbers", 1);

    private MemoryStore memory = new MemoryStore();
    private ObjectClient store = memory.client();
    private final List<String> answered = new ArrayList<>();
    private KillSwitch kill = KillSwitch.NEVER;
    private FunctionClient.@Nullable Reply instead;
    private int runs;

    @BeforeEach
    void numbers() throws InterruptedException {
        store.createBucket("tidemill");
        store.createBucket("in");
        for (int i = 0; i < 9; i++) {
            put(i, 10 + i);
        }
        declareNumbers();
    }

    @Test
    void goesOnUntilTheFunctionSaysThatItIsDone() throws Exception {
        SliceReply reply = run(search(1, Reprocess.OnChange));

        assertThat(reply.state()).as(reply.message()).isEqualTo(State.DONE);
        assertThat(reply.revision()).as("each round is one").isEqualTo(ROUNDS);
        assertThat(reply.result()).hasToString("{\"guess\":13.59375,\"round\":6,\"of\":\"numbers 1\",\"done\":true}");
        int calls = answered.size();
        assertThat(run(search(1, Reprocess.OnChange)).revision()).isEqualTo(ROUNDS);
        assertThat(answered).as("a second run finds nothing to do").hasSize(calls);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"GARBAGE_SWEPT", "INVENTORY_CHECKPOINT", "OUTPUT_WRITTEN", "FAILURE_WRITTEN", "VIEW_PUBLISHED"},
            mode = EnumSource.Mode.EXCLUDE)
    void endsWithTheSameWhereverItIsKilledAndComputesNothingTwice(KillPoint point) throws Exception {
        JsonNode expected = run(search(1, Reprocess.OnChange)).result();
        for (int passing : List.of(1, 2, 7)) {
            memory = new MemoryStore();
            store = memory.client();
            kill = KillSwitch.NEVER;
            numbers();
            answered.clear();
            AtomicInteger left = new AtomicInteger(passing);
            kill = at -> {
                if (at == point && left.decrementAndGet() == 0) {
                    throw new Dead();
                }
            };
            SliceReply reply = null;
            for (int i = 0; reply == null || reply.state() != State.DONE; i++) {
                assertThat(i).as("slices: %s", reply).isLessThan(5);
                try {
                    reply = run(search(1, Reprocess.OnChange));
                } catch (Dead dead) {
                    memory.advance(Duration.ofMinutes(20));
                }
            }
            assertThat(reply.result()).isEqualTo(expected);
            assertThat(reply.revision()).isEqualTo(ROUNDS);
            if (point != KillPoint.AFTER_REPLY && point != KillPoint.BEFORE_STALENESS_CHECK) {
                assertThat(answered).doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void beginsAnewWhenTheInputChangesIfThatIsAskedFor() throws Exception {
        run(search(1, Reprocess.OnChange));
        put(3, 100);
        memory.advance(Duration.ofMinutes(1));
        declareNumbers();

        SliceReply never = run(search(1, Reprocess.Never));
        assertThat(never.revision()).isEqualTo(ROUNDS);

        SliceReply onChange = run(search(1, Reprocess.OnChange));
        assertThat(onChange.revision()).isEqualTo(2 * ROUNDS);
        assertThat(onChange.result())
                .hasToString("{\"guess\":23.90625,\"round\":6,\"of\":\"numbers 2\",\"done\":true}");
    }

    @Test
    void beginsAnewForOtherSettings() throws Exception {
        run(search(1, Reprocess.Never));

        SliceReply other = run(search(2, Reprocess.Never));

        assertThat(other.revision()).isEqualTo(2 * ROUNDS);
        assertThat(Objects.requireNonNull(other.result()).path("guess").asDouble())
                .isEqualTo(27.1875);
    }

    @Test
    void anEmptyInputIsNothingToComputeOf() throws Exception {
        for (int i = 0; i < 9; i++) {
            store.delete("in", List.of("in/" + i));
        }
        run(numbersTask());
        memory.advance(Duration.ofMinutes(11));
        run(numbersTask());

        SliceReply reply = run(search(1, Reprocess.OnChange));

        assertThat(reply.state()).isEqualTo(State.HELD);
        assertThat(reply.reason()).isEqualTo("ParentEmpty");
    }

    @Test
    void whatWantsAllObjectsIsNeverGivenHalfOfThemAndFailsInItsOwnWords() throws Exception {
        instead = new FunctionClient.Reply.Final(
                new Failure("BadInput", "\"x\" is no number", "s3://in/in/3", 7, -1, true));
        SliceReply bad = run(network("1"));
        assertThat(bad.state()).isEqualTo(State.FAILED);
        assertThat(bad.reason()).isEqualTo("BadInput");
        assertThat(bad.message()).isEqualTo("s3://in/in/3, line 7: \"x\" is no number");
        assertThat(answered).hasSize(1);

        answered.clear();
        instead = new FunctionClient.Reply.Transient(500, "out of memory", null);
        SliceReply down = run(network("2"));
        assertThat(down.reason()).as(down.message()).isEqualTo("FunctionFailed");
        assertThat(down.message()).isEqualTo("out of memory");
        assertThat(Set.copyOf(answered)).as("the same shard each time").hasSize(1);

        instead = null;
        memory.advance(Duration.ofDays(2));
        assertThat(run(network("2")).state()).isEqualTo(State.DONE);
    }

    /** What trains networks, by its name; the search will do for it. */
    private static Task network(String version) {
        FunctionTarget function = FunctionTarget.of(
                        Builtin.TRAIN_NETWORK.key(), URI.create("http://network/"), version, Duration.ofMinutes(5))
                .told(JsonNodeFactory.instance.objectNode().put("factor", 1));
        return search(function, Reprocess.OnChange)
                .partition(new Partition(1, Partition.DEFAULT.targetBytes(), false))
                .build();
    }

    private void declareNumbers() throws InterruptedException {
        assertThat(run(numbersTask()).state()).isEqualTo(State.DONE);
    }

    private static Task numbersTask() {
        return Task.of("laptop", PARENT, "tidemill", new Input.Listing("in", "in/", List.of(), List.of()))
                .build();
    }

    private static Task search(int factor, Reprocess reprocess) {
        FunctionTarget function = FunctionTarget.of("search", URI.create("http://search/"), "1", Duration.ofMinutes(5))
                .told(JsonNodeFactory.instance.objectNode().put("factor", factor));
        return search(function, reprocess).build();
    }

    private static Task.Builder search(FunctionTarget function, Reprocess reprocess) {
        return Task.of(
                        "laptop",
                        new DatasetRef("default", "search", "uid-search", 1),
                        "tidemill",
                        new Input.Committed(PARENT))
                .partition(new Partition(4, Partition.DEFAULT.targetBytes(), false))
                .function(function)
                .combine(function)
                .rounds(true)
                .policy(new Policy(0, Policy.DEFAULT.resync(), Policy.DEFAULT.retention(), reprocess));
    }

    private SliceReply run(Task task) throws InterruptedException {
        SliceRequest request = new SliceRequest(
                task, SliceRequest.Turn.full("run-" + ++runs, Trace.of(null, new Random(1)), 4, Duration.ofMinutes(2)));
        Surroundings surroundings = new Surroundings(
                RetryPolicy.DEFAULT, new StoreTime(memory), new Random(runs), kill, Runnable::run, Limits.DEFAULT);
        return new Materializer(store, this::answer, surroundings).run(request);
    }

    private FunctionClient.Reply answer(URI url, FunctionClient.Event event, Duration timeout) {
        try {
            JsonNode data = Json.MAPPER.readTree(event.data());
            answered.add(event.id());
            if (instead != null) {
                return instead;
            }
            ObjectNode reply = JsonNodeFactory.instance.objectNode();
            JsonNode state = data.path("state");
            double guess = state.path("guess").asDouble(0);
            if (data.has("finish")) {
                JsonNode all = data.get("parts").get(0);
                int round = state.path("round").asInt() + 1;
                double step = data.path("settings").path("factor").asInt() * 30.0 / (1 << round);
                reply.put("guess", guess + (all.path("above").asDouble() > 0 ? step : -step));
                reply.put("round", round);
                reply.put(
                        "of",
                        data.path("finish").path("dataset").asText() + " "
                                + data.path("finish").path("revision").asLong());
                if (round == ROUNDS) {
                    reply.put("done", true);
                }
            } else {
                double above = 0;
                for (JsonNode part : data.path("parts")) {
                    above += part.path("above").asDouble();
                }
                JsonNode binding = data.path("function_data").path("numbers");
                for (JsonNode object : binding.path("objects")) {
                    above += number(object.get("key").asText())
                                    * data.path("settings").path("factor").asInt()
                            - guess;
                }
                reply.put("above", above);
            }
            return new FunctionClient.Reply.Result(null, "application/json", Json.bytes(reply));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private double number(String key) throws IOException {
        try (var body = store.get("in", key, ObjectClient.ReadOptions.ALL)) {
            return Double.parseDouble(new String(body.stream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private void put(int name, double number) {
        byte[] text = Double.toString(number).getBytes(StandardCharsets.UTF_8);
        store.put("in", "in/" + name, text, "text/plain", Precondition.NONE);
    }

    /** The process is gone. */
    private static final class Dead extends Error {
        @Serial
        private static final long serialVersionUID = 1;
    }
}
