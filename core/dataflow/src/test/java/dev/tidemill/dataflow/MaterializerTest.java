package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.SliceRequest.Input;
import dev.tidemill.dataflow.SliceRequest.Partition;
import dev.tidemill.dataflow.SliceRequest.Policy;
import dev.tidemill.dataflow.SliceRequest.Wishes;
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
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MaterializerTest {

    private static final FunctionTarget FUNCTION =
            FunctionTarget.of("merge", URI.create("http://merge/"), "1", Duration.ofMinutes(5));

    private final MemoryStore memory = new MemoryStore();
    private final ObjectClient store = memory.client();
    private final List<String> calls = new ArrayList<>();
    private int runs;

    @BeforeEach
    void buckets() {
        store.createBucket("tidemill");
        store.createBucket("in");
        store.createBucket("out");
    }

    @Test
    void combinesEveryObjectOnce() throws Exception {
        put("in/a", "1");
        put("in/b", "2");

        SliceReply reply = run(combined("sum"));

        assertThat(reply.state()).as(reply.message()).isEqualTo(State.DONE);
        assertThat(reply.result()).hasToString("{\"in/a\":\"1\",\"in/b\":\"2\"}");
        assertThat(reply.revision()).isEqualTo(1);
    }

    @Test
    void aSettledDatasetIsNotComputedAgain() throws Exception {
        put("in/a", "1");
        run(combined("sum"));
        int before = calls.size();

        SliceReply reply = run(combined("sum"));

        assertThat(reply.state()).isEqualTo(State.DONE);
        assertThat(reply.revision()).isEqualTo(1);
        assertThat(calls).hasSize(before);
    }

    @Test
    void derivedObjectsFollowTheirParent() throws Exception {
        for (int i = 0; i < 40; i++) {
            put("in/%02d".formatted(i), "value " + i);
        }
        run(source("raw"));
        SliceReply first = run(derived("cleaned", "raw"));
        assertThat(first.state()).as(first.message()).isEqualTo(State.DONE);
        memory.advance(Duration.ofMinutes(1));
        put("in/07", "changed");
        run(source("raw"));
        int before = calls.size();

        SliceReply second = run(derived("cleaned", "raw"));

        assertThat(second.state()).as(second.message()).isEqualTo(State.DONE);
        assertThat(second.revision()).isEqualTo(2);
        assertThat(calls.size() - before).isEqualTo(1);
        assertThat(memory.contents("out").keySet()).contains("out/_tidemill/current.json", "out/_tidemill/owner.json");
    }

    private SliceReply run(SliceRequest request) throws InterruptedException {
        Surroundings surroundings = new Surroundings(
                RetryPolicy.DEFAULT,
                new StoreTime(memory),
                new Random(runs),
                KillSwitch.NEVER,
                Runnable::run,
                Limits.DEFAULT);
        return new Materializer(store, new ModelFunction(store, event -> calls.add(event.id())), surroundings)
                .run(request);
    }

    private void put(String key, String content) {
        store.put("in", key, content.getBytes(StandardCharsets.UTF_8), "text/plain", Precondition.NONE);
    }

    private SliceRequest source(String name) {
        return request(name, new Input.Listing("in", "in/", List.of(), List.of()), null, null, null);
    }

    private SliceRequest combined(String name) {
        return request(name, new Input.Listing("in", "in/", List.of(), List.of()), null, FUNCTION, FUNCTION);
    }

    private SliceRequest derived(String name, String parent) {
        return request(
                name,
                new Input.Committed(new DatasetRef("default", parent, "uid-" + parent, 1)),
                new DatasetSpec.Output("out", "out/", DataFormat.Type.JsonLines),
                FUNCTION,
                null);
    }

    private SliceRequest request(
            String name,
            Input input,
            DatasetSpec.@Nullable Output output,
            @Nullable FunctionTarget function,
            @Nullable FunctionTarget combine) {
        return new SliceRequest(
                "run-" + ++runs,
                "laptop",
                new DatasetRef("default", name, "uid-" + name, 1),
                "tidemill",
                input,
                output,
                new Partition(0, 40, false),
                DataFormat.AUTO,
                function,
                combine,
                null,
                Policy.DEFAULT,
                Wishes.NONE,
                4,
                Duration.ofMinutes(2),
                Set.of(),
                true,
                false);
    }
}
