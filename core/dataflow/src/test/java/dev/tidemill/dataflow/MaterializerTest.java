package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetSpec.DeletionPolicy;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.Task.Partition;
import dev.tidemill.dataflow.Task.Policy;
import dev.tidemill.dataflow.Task.Wishes;
import dev.tidemill.dataflow.internal.ledger.Limits;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MaterializerTest {

    private static final Input LISTING = new Input.Listing("in", "in/", List.of(), List.of());
    private static final FunctionTarget FUNCTION =
            FunctionTarget.of("merge", URI.create("http://merge/"), "1", Duration.ofMinutes(5));

    private static final FunctionTarget PROFILER =
            FunctionTarget.of("profile", URI.create("http://profile/"), "1", Duration.ofMinutes(5));

    private final MemoryStore memory = new MemoryStore();
    private final ObjectClient store = memory.client();
    private final List<String> calls = new ArrayList<>();
    private int runs;
    private boolean broken;

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
    void largeValuesAreCombinedByReference() throws Exception {
        String large = "x".repeat(CombineTree.INLINE_LIMIT + 1);
        for (int i = 0; i < 3; i++) {
            put("in/" + i, large);
        }

        SliceReply reply = run(combined("sum"));

        assertThat(reply.state()).as(reply.message()).isEqualTo(State.DONE);
        String key =
                Objects.requireNonNull(reply.result()).get("dataref").asText().substring("s3://tidemill/".length());
        assertThat(store.head("tidemill", key).orElseThrow().size()).isGreaterThan(3L * large.length());
    }

    @Test
    void aBugEndsTheSliceWithAReplyAndLeavesNoLeaseBehind() throws Exception {
        put("in/a", "1");
        broken = true;
        SliceReply reply = run(combined("sum"));
        broken = false;

        SliceReply next = run(combined("sum"));

        assertThat(reply.state()).isEqualTo(State.FAILED);
        assertThat(reply.reason()).isEqualTo("MaterializerFailed");
        assertThat(reply.retryAt()).isNotNull();
        assertThat(next.state()).as(next.message()).isEqualTo(State.DONE);
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

    @Test
    void aSourceIsCommittedFirstAndProfiledThen() throws Exception {
        for (int i = 0; i < 30; i++) {
            put("in/%02d.csv".formatted(i), "x,y\n" + i + ",a\n" + 2 * i + ",b\n");
        }
        SliceReply reply = run(source("raw").profiler(PROFILER));

        assertThat(reply.state()).as(reply.message()).isEqualTo(State.DONE);
        assertThat(reply.revision()).isEqualTo(1);
        assertThat(reply.profileRevision()).isEqualTo(1);
        assertThat(reply.rows()).isEqualTo(60);
        assertThat(reply.objects()).isEqualTo(30);
        assertThat(reply.columns())
                .filteredOn(column -> column.name().equals("x"))
                .singleElement()
                .satisfies(column -> {
                    assertThat(column.count()).isEqualTo(60);
                    assertThat(column.max()).isEqualTo("58");
                });
        int before = calls.size();
        memory.advance(Duration.ofMinutes(1));
        put("in/07.csv", "x,y\n1000,c\n");
        SliceReply second = run(source("raw").profiler(PROFILER));
        assertThat(second.rows()).isEqualTo(59);
        assertThat(second.profileRevision()).isEqualTo(2);
        assertThat(calls.size() - before)
                .as("one shard and the groups above it")
                .isLessThan(5);
    }

    @Test
    void badObjectsStandAloneAndTheRestIsCommittedWithinWhatIsTolerated() throws Exception {
        for (int i = 0; i < 40; i++) {
            put("in/%02d".formatted(i), i == 17 ? ModelFunction.POISON : "v" + i);
        }

        SliceReply strict = run(combined("sum").policy(tolerating(0)));
        SliceReply tolerant = run(combined("sum").policy(tolerating(5)));

        assertThat(strict.state()).isEqualTo(State.FAILED);
        assertThat(strict.reason()).isEqualTo("TooManyFailures");
        assertThat(strict.revision()).isZero();
        assertThat(strict.failures()).extracting(Failure::object).containsExactly("s3://in/in/17");
        assertThat(tolerant.state()).isEqualTo(State.DEGRADED);
        assertThat(tolerant.failures()).extracting(Failure::object).containsExactly("s3://in/in/17");
        assertThat(tolerant.message())
                .isEqualTo(
                        "1 object failed, within what is tolerated; the first: s3://in/in/17, line 1, byte 0: cannot be read");
        assertThat(tolerant.revision()).isEqualTo(1);
    }

    @Test
    void aListingThatLostMostIsHeldUntilASecondOneAgrees() throws Exception {
        put("in/a", "1");
        run(combined("sum"));
        store.delete("in", List.of("in/a"));

        SliceReply held = run(combined("sum"));
        memory.advance(Policy.DEFAULT.resync());
        SliceReply believed = run(combined("sum"));

        assertThat(held.state()).isEqualTo(State.HELD);
        assertThat(held.reason()).isEqualTo("RemovalHeld");
        assertThat(held.message()).contains("tidemill.dev/confirm-removal: \"1\"");
        assertThat(held.revision()).isEqualTo(1);
        assertThat(believed.state()).isEqualTo(State.DONE);
        assertThat(believed.revision()).isEqualTo(2);
        assertThat(believed.result()).isNull();
    }

    @Test
    void anothersLedgerIsLeftAloneUntilItIsAdopted() throws Exception {
        put("in/a", "1");
        run(combined("sum"));
        Task.Builder theirs = task("another", "sum", LISTING).function(FUNCTION).combine(FUNCTION);

        SliceReply refused = run(theirs);
        SliceReply adopted = run(theirs.wishes(new Wishes(true, null, null)));

        assertThat(refused.state()).isEqualTo(State.HELD);
        assertThat(refused.reason()).isEqualTo("OwnedByAnother");
        assertThat(adopted.state()).isEqualTo(State.DONE);
        assertThat(adopted.revision()).isEqualTo(1);
    }

    @Test
    void oneObjectIsCutBetweenItsRecordsIntoAsManyShardsAsAreAskedFor() throws Exception {
        put("in/big.csv", "x,y\n" + "12345,abc\n".repeat(4_000));
        FunctionTarget ranges = new FunctionTarget(
                "profile", PROFILER.url(), "1", null, "", Map.of(), Map.of(), Duration.ofMinutes(5), true, null);

        SliceReply reply =
                run(source("raw").profiler(ranges).partition(new Partition(10, Partition.DEFAULT.targetBytes(), true)));

        assertThat(reply.state()).as(reply.message()).isEqualTo(State.DONE);
        assertThat(reply.rows()).isEqualTo(4_000);
        assertThat(reply.items().total()).isBetween(8L, 10L);
    }

    @Test
    void aNewRevisionOfASideInputMakesTheWorkDueAgain() throws Exception {
        put("in/a", "1");
        put("other/b", "1");
        FunctionTarget reading = FUNCTION.reading(Map.of("rates", new DatasetRef("default", "rates", "uid-rates", 1)));
        Task.Builder sum = source("sum").function(reading).combine(reading);
        Input others = new Input.Listing("in", "other/", List.of(), List.of());

        SliceReply early = run(sum);
        run(task("laptop", "rates", others));
        SliceReply first = run(sum);
        SliceReply again = run(sum);
        memory.advance(Duration.ofMinutes(1));
        put("other/b", "2");
        run(task("laptop", "rates", others));
        SliceReply second = run(sum);

        assertThat(early.state()).isEqualTo(State.HELD);
        assertThat(early.reason()).isEqualTo("SideInputMissing");
        assertThat(first.revision()).isEqualTo(1);
        assertThat(again.revision()).isEqualTo(1);
        assertThat(second.revision()).isEqualTo(2);
    }

    @Test
    void aMissingParentIsNoEmptyInput() throws Exception {
        SliceReply reply = run(derived("cleaned", "nowhere"));

        assertThat(reply.state()).isEqualTo(State.HELD);
        assertThat(reply.reason()).isEqualTo("ParentMissing");
        assertThat(reply.revision()).isZero();
    }

    @Test
    void aSourceOverAnothersOutputIsRefused() throws Exception {
        put("in/a", "1");
        run(source("raw"));
        run(derived("cleaned", "raw"));
        SliceReply over = run(task("laptop", "over", new Input.Listing("out", "out/", List.of(), List.of())));

        assertThat(over.state()).isEqualTo(State.HELD);
        assertThat(over.reason()).isEqualTo("ManagedPrefix");
    }

    @Test
    void aDeletedDatasetTakesItsLedgerAndWhatItListsAndNothingElse() throws Exception {
        put("in/a", "1");
        run(source("raw"));
        run(derived("cleaned", "raw"));
        store.put("out", "out/mine.txt", new byte[1], "text/plain", Precondition.NONE);
        DatasetRef cleaned = new DatasetRef("default", "cleaned", "uid-cleaned", 1);

        assertThat(new Removal(store).remove("another", cleaned, "tidemill", DeletionPolicy.Delete))
                .isFalse();
        assertThat(new Removal(store).remove("laptop", cleaned, "tidemill", DeletionPolicy.Delete))
                .isTrue();

        assertThat(memory.contents("out").keySet()).containsExactly("out/mine.txt");
        assertThat(memory.contents("tidemill").keySet()).allMatch(key -> key.startsWith("default/raw/"));
        assertThat(memory.contents("in").keySet()).containsExactly("in/a");
    }

    private static Policy tolerating(int percent) {
        return new Policy(percent, Policy.DEFAULT.resync(), Policy.DEFAULT.retention(), Policy.DEFAULT.reprocess());
    }

    private SliceReply run(Task.Builder task) throws InterruptedException {
        SliceRequest request = new SliceRequest(
                task.build(),
                SliceRequest.Turn.full("run-" + ++runs, Trace.of(null, new Random(1)), 4, Duration.ofMinutes(2)));
        Surroundings surroundings = new Surroundings(
                RetryPolicy.DEFAULT,
                new StoreTime(memory),
                new Random(runs),
                KillSwitch.NEVER,
                Runnable::run,
                Limits.DEFAULT);
        ModelFunction model = new ModelFunction(store, event -> calls.add(event.id()));
        ProfileFunction profiler = new ProfileFunction(store);
        FunctionClient functions = (url, event, timeout) -> {
            if (broken) {
                throw new IllegalStateException("a bug");
            }
            if (!url.equals(PROFILER.url())) {
                return model.call(url, event, timeout);
            }
            calls.add(event.id());
            return profiler.call(url, event, timeout);
        };
        return new Materializer(store, functions, surroundings).run(request);
    }

    private void put(String key, String content) {
        store.put("in", key, content.getBytes(StandardCharsets.UTF_8), "text/plain", Precondition.NONE);
    }

    private static Task.Builder source(String name) {
        return task("laptop", name, LISTING);
    }

    private static Task.Builder combined(String name) {
        return source(name).function(FUNCTION).combine(FUNCTION);
    }

    private static Task.Builder derived(String name, String parent) {
        return task("laptop", name, new Input.Committed(new DatasetRef("default", parent, "uid-" + parent, 1)))
                .output(new DatasetSpec.Output("out", "out/", DataFormat.Type.JsonLines))
                .function(FUNCTION);
    }

    private static Task.Builder task(String cluster, String name, Input input) {
        return Task.of(cluster, new DatasetRef("default", name, "uid-" + name, 1), "tidemill", input)
                .partition(new Partition(0, 40, false));
    }
}
