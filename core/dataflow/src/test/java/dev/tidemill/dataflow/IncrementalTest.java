package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.Task.Partition;
import dev.tidemill.dataflow.internal.ledger.Limits;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of 10,000 objects one comes, one changes and one goes: only the shards that hold them are computed again. */
class IncrementalTest {

    private final MemoryStore memory = new MemoryStore();
    private final ObjectClient store = memory.client();
    private final List<String> calls = new ArrayList<>();
    private int runs;

    @ParameterizedTest(name = "scale {0}, {1} to {2} shards, {3} by one")
    @CsvSource({
        "0, 10, 200, added",
        "0, 10, 200, changed",
        "0, 10, 200, removed",
        "0, 10, 200, all",
        "100, 100, 100, added",
        "100, 100, 100, changed",
        "100, 100, 100, removed",
        "100, 100, 100, all"
    })
    void onlyTheShardsThatHoldAChangeRunAgain(int scale, int fewest, int most, String what) throws Exception {
        for (String bucket : List.of("tidemill", "in", "out")) {
            store.createBucket(bucket);
        }
        for (int i = 0; i < 10_000; i++) {
            put("in/%05d.csv".formatted(i), "value " + i);
        }
        SliceReply first = run(scale);
        assertThat(first.state()).as(first.message()).isEqualTo(State.DONE);
        int shards = calls.size();
        assertThat(shards).isBetween(fewest, most);
        memory.advance(Duration.ofHours(1));
        int changes = 0;
        if (what.equals("added") || what.equals("all")) {
            put("in/04711a.csv", "new");
            changes++;
        }
        if (what.equals("changed") || what.equals("all")) {
            put("in/00815.csv", "changed");
            changes++;
        }
        if (what.equals("removed") || what.equals("all")) {
            store.delete("in", List.of("in/09000.csv"));
            changes++;
        }

        SliceReply second = run(scale);

        assertThat(second.state()).as(second.message()).isEqualTo(State.DONE);
        assertThat(second.revision()).isEqualTo(2);
        assertThat(calls.size() - shards).isBetween(1, changes);
    }

    private SliceReply run(int scale) throws InterruptedException {
        Surroundings surroundings = new Surroundings(
                RetryPolicy.DEFAULT,
                new StoreTime(memory),
                new Random(runs),
                KillSwitch.NEVER,
                Runnable::run,
                Limits.DEFAULT);
        FunctionTarget function = FunctionTarget.of("merge", URI.create("http://merge/"), "1", Duration.ofMinutes(5));
        Task task = Task.of(
                        "laptop",
                        new DatasetRef("default", "view", "uid", 1),
                        "tidemill",
                        new Input.Listing("in", "in/", List.of("**/*.csv"), List.of()))
                .output(new DatasetSpec.Output("out", "out/", DataFormat.Type.Raw))
                .partition(scale == 0 ? Partition.DEFAULT : new Partition(scale, 1, false))
                .function(function)
                .build();
        return new Materializer(store, new ModelFunction(store, event -> calls.add(event.id())), surroundings)
                .run(new SliceRequest(
                        task,
                        SliceRequest.Turn.full(
                                "run-" + ++runs, Trace.of(null, new Random(1)), 4, Duration.ofMinutes(2))));
    }

    private void put(String key, String content) {
        store.put("in", key, content.getBytes(StandardCharsets.UTF_8), "text/csv", Precondition.NONE);
    }
}
