package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.store.StoreException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** The rules of the dispatch, in simulated time: hours pass in microseconds. */
class DispatcherTest {

    private static final Duration SLICE = Duration.ofMinutes(2);
    private static final Reply OK = new Reply.Result(null, "text/plain", new byte[0]);
    private static final Reply UNAVAILABLE = new Reply.Transient(503, "503: no", null);

    private final SimulatedTime time = new SimulatedTime();
    private final List<Call> calls = new ArrayList<>();
    private final Map<String, Integer> written = new HashMap<>();
    private final Map<String, Failure> failed = new HashMap<>();
    private final Map<String, Integer> postponed = new HashMap<>();
    private final Progress progress = new Progress();

    private record Call(String part, Instant at, int attempt) {}

    /** Objects are letters and numbers; a shard is their list. */
    private record Shard(List<String> keys, int attemptsMade) implements WorkItem {
        static Shard of(String... keys) {
            return new Shard(List.of(keys), 0);
        }

        @Override
        public String partId() {
            return String.join(" ", keys);
        }

        @Override
        public int objects() {
            return keys.size();
        }

        @Override
        public FunctionClient.Event event(int attempt) {
            byte[] data = Integer.toString(attempt).getBytes(StandardCharsets.UTF_8);
            return new FunctionClient.Event(partId(), "test", "dev.tidemill.shard", null, "text/plain", Map.of(), data);
        }

        @Override
        public List<Shard> halves() {
            int middle = keys.size() / 2;
            return List.of(new Shard(keys.subList(0, middle), 0), new Shard(keys.subList(middle, keys.size()), 0));
        }
    }

    private class Recorder implements PartSink {
        @Override
        public Verdict accept(WorkItem item, Reply.Result result, int attempt) {
            written.merge(item.partId(), 1, Integer::sum);
            return new Verdict.Written();
        }

        @Override
        public void failed(WorkItem item, Failure failure, int attempts) {
            failed.put(item.partId(), failure);
        }

        @Override
        public void postponed(WorkItem item, Failure last, int attempts) {
            postponed.put(item.partId(), attempts);
        }
    }

    private DispatchReport run(List<Shard> shards, Share share, BiFunction<String, Integer, Reply> function) {
        return run(shards, share, function, new Recorder(), Runnable::run);
    }

    private DispatchReport run(
            List<Shard> shards,
            Share share,
            BiFunction<String, Integer, Reply> function,
            PartSink sink,
            Executor threads) {
        FunctionClient client = (url, event, timeout) -> {
            int attempt = Integer.parseInt(new String(event.data(), StandardCharsets.UTF_8));
            calls.add(new Call(event.id(), time.now(), attempt));
            return function.apply(event.id(), attempt);
        };
        var callee = new Dispatcher.Callee(URI.create("http://function"), Duration.ofSeconds(10));
        var surroundings = new Dispatcher.Surroundings(RetryPolicy.DEFAULT, time, new Random(7), KillSwitch.NEVER);
        try {
            return new Dispatcher(client, callee, progress, surroundings)
                    .run(shards.iterator(), share, time.now().plus(SLICE), sink, threads);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Shard> shards(int n) {
        return IntStream.range(0, n).mapToObj(i -> Shard.of("o" + i)).toList();
    }

    @Test
    void repeatsWhatFailedAndTellsTheFunctionWhichAttemptItIs() {
        DispatchReport report =
                run(shards(10), new Share(3), (part, attempt) -> part.endsWith("7") && attempt < 4 ? UNAVAILABLE : OK);

        assertThat(report).isEqualTo(new DispatchReport(10, 0, 0, 3, 13, false, null));
        assertThat(written)
                .hasSize(10)
                .allSatisfy((_, times) -> assertThat(times).isEqualTo(1));
        assertThat(progress.calls.sum()).isEqualTo(13);
    }

    @Test
    void givesUpAfterSixAttemptsAndKeepsTheLastMessage() {
        DispatchReport report = run(shards(1), new Share(1), (_, _) -> UNAVAILABLE);

        assertThat(report.failed()).isEqualTo(1);
        assertThat(calls).hasSize(6);
        assertThat(failed.get("o0")).isEqualTo(new Failure("FunctionFailed", "503: no", null, -1, -1, false));
    }

    @Test
    void startsNothingBeforeTheMomentThatTheFunctionAskedFor() {
        Instant asked = time.now().plusSeconds(60);

        run(
                shards(50),
                new Share(1),
                (_, _) -> time.now().isBefore(asked) ? new Reply.Transient(429, "slow down", asked) : OK);

        assertThat(written).hasSize(50);
        assertThat(calls.stream().skip(1))
                .allSatisfy(call -> assertThat(call.at()).isAfterOrEqualTo(asked));
    }

    @Test
    void startsNothingAfterTheSliceAndHandsItsAttemptsToTheNext() {
        Instant end = time.now().plus(SLICE);

        DispatchReport report = run(shards(1), new Share(1), (_, _) -> {
            time.after(Duration.ofSeconds(70), () -> {});
            time.await(new LinkedBlockingQueue<>(), time.now().plusSeconds(70));
            return UNAVAILABLE;
        });

        assertThat(report.more()).isTrue();
        assertThat(calls).allSatisfy(call -> assertThat(call.at()).isBefore(end));
        assertThat(postponed).containsExactly(Map.entry("o0", 2));

        run(List.of(new Shard(List.of("o0"), 2)), new Share(1), (_, _) -> UNAVAILABLE);
        assertThat(failed).containsKey("o0");
        assertThat(calls).hasSize(6);
    }

    @RepeatedTest(50)
    void halvesUntilEachBadObjectStandsAloneAndLosesNothing(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        List<String> keys = IntStream.range(0, 1 + random.nextInt(300))
                .mapToObj(i -> "o" + i)
                .toList();
        Set<String> bad = keys.stream().filter(_ -> random.nextInt(25) == 0).collect(Collectors.toSet());
        boolean saysSoItself = random.nextBoolean();
        Reply no = saysSoItself
                ? new Reply.Final(new Failure("BadInput", "no", null, -1, -1, true))
                : new Reply.Transient(500, "500: NullPointerException", null);
        List<Shard> shards = new ArrayList<>();
        for (int from = 0; from < keys.size(); ) {
            int to = Math.min(keys.size(), from + 1 + random.nextInt(64));
            shards.add(new Shard(keys.subList(from, to), 0));
            from = to;
        }

        List<Shard> left = shards;
        for (int slice = 0; slice < 20 && !left.isEmpty(); slice++) {
            run(
                    left,
                    new Share(4),
                    (part, _) -> List.of(part.split(" ")).stream().anyMatch(bad::contains) ? no : OK);
            Set<String> settled = new TreeSet<>();
            written.keySet().forEach(part -> settled.addAll(List.of(part.split(" "))));
            settled.addAll(failed.keySet());
            left = left.stream()
                    .map(shard -> new Shard(
                            shard.keys().stream()
                                    .filter(key -> !settled.contains(key))
                                    .toList(),
                            0))
                    .filter(shard -> !shard.keys().isEmpty())
                    .toList();
        }

        assertThat(failed.keySet()).isEqualTo(bad);
        assertThat(written.keySet().stream().flatMap(part -> List.of(part.split(" ")).stream()))
                .containsExactlyInAnyOrderElementsOf(
                        keys.stream().filter(key -> !bad.contains(key)).toList());
    }

    @Test
    void stopsCallingAFunctionThatNeverSucceedsAndSaysWhy() {
        DispatchReport report = run(shards(1_000), new Share(50), (_, _) -> UNAVAILABLE);

        assertThat(report.more()).isTrue();
        assertThat(report.hold())
                .extracting(Gate.Hold::reason, Gate.Hold::message)
                .containsExactly("FunctionFailing", "30 calls failed without one success, the last: 503: no");
        assertThat(calls).as("20 failures, then 10 probes").hasSize(30);
    }

    @Test
    void goesOnAtFullWidthWhenTheFunctionIsBack() {
        Instant back = time.now().plusSeconds(2);

        DispatchReport report =
                run(shards(1_000), new Share(50), (_, _) -> time.now().isBefore(back) ? UNAVAILABLE : OK);

        assertThat(report.written()).isEqualTo(1_000);
        assertThat(report.more()).isFalse();
    }

    @Test
    void waitsForCapacityWithOneProbeAndCountsNoAttempt() {
        Instant ready = time.now().plusSeconds(100);

        DispatchReport report = run(
                shards(20),
                new Share(20),
                (_, _) -> time.now().isBefore(ready) ? new Reply.NoCapacity("0/3 nodes have a GPU") : OK);

        assertThat(report.written()).isEqualTo(20);
        assertThat(calls).allSatisfy(call -> assertThat(call.attempt()).isEqualTo(1));
        assertThat(calls.stream().filter(call -> call.at().isBefore(ready)).map(Call::at))
                .as("after the first twenty one at a time")
                .satisfies(times -> assertThat(times.stream().skip(19)).doesNotHaveDuplicates());
    }

    @Test
    void endsTheSliceWhileThereIsNoCapacityAndFailsNothing() {
        DispatchReport report = run(shards(3), new Share(3), (_, _) -> new Reply.NoCapacity("0/3 nodes have a GPU"));

        assertThat(failed).isEmpty();
        assertThat(report.more()).isTrue();
        assertThat(report.hold()).extracting(Gate.Hold::reason).isEqualTo("WaitingForCapacity");
    }

    @Test
    void keepsThePermitOfARequestThatTimedOutUntilTheFunctionIsDoneWithIt() {
        var share = new Share(2);
        Set<String> atWork = new TreeSet<>();

        DispatchReport report = run(shards(12), share, (part, attempt) -> {
            assertThat(atWork).hasSizeLessThan(2);
            if (attempt > 1) {
                return OK;
            }
            atWork.add(part);
            var released = new CompletableFuture<Void>();
            time.after(Duration.ofSeconds(5), () -> {
                atWork.remove(part);
                released.complete(null);
            });
            return new Reply.TimedOut(Duration.ofSeconds(1), released);
        });

        assertThat(report.written()).isEqualTo(12);
        time.await(new LinkedBlockingQueue<>(), time.now().plusSeconds(5));
        assertThat(share.taken()).isZero();
    }

    @Test
    void returnsWithThePermitsOfAbandonedRequestsStillTaken() {
        var share = new Share(2);

        DispatchReport report =
                run(shards(3), share, (_, _) -> new Reply.TimedOut(Duration.ofSeconds(1), new CompletableFuture<>()));

        assertThat(report.more()).isTrue();
        assertThat(share.taken()).isEqualTo(2);
        assertThat(calls).hasSize(2);
    }

    @Test
    void cutsChangedInputAgainThreeTimesAndThenNamesTheTrouble() {
        PartSink changing = new Recorder() {
            @Override
            public Verdict accept(WorkItem item, Reply.Result result, int attempt) {
                return item.partId().startsWith("hot")
                        ? new Verdict.Stale(List.of(Shard.of(item.partId() + "'")))
                        : super.accept(item, result, attempt);
            }
        };

        DispatchReport report =
                run(List.of(Shard.of("hot"), Shard.of("calm")), new Share(1), (_, _) -> OK, changing, Runnable::run);

        assertThat(written).containsOnlyKeys("calm");
        assertThat(calls).hasSize(5);
        assertThat(report.stale()).isEqualTo(4);
        assertThat(failed.get("hot'''")).extracting(Failure::reason).isEqualTo("InputKeepsChanging");
    }

    @Test
    void callsAgainWhenTheStoreDidNotTakeTheResult() {
        PartSink flaky = new Recorder() {
            @Override
            public Verdict accept(WorkItem item, Reply.Result result, int attempt) {
                if (attempt == 1) {
                    throw new StoreException.Unavailable("503 SlowDown", new IOException());
                }
                return super.accept(item, result, attempt);
            }
        };

        assertThat(run(shards(5), new Share(2), (_, _) -> OK, flaky, Runnable::run)
                        .written())
                .isEqualTo(5);
    }

    @Test
    void endsWithWhatTheSinkThrewAfterTheCallsInFlight() {
        PartSink locked = new Recorder() {
            @Override
            public Verdict accept(WorkItem item, Reply.Result result, int attempt) {
                throw new StoreException.AccessDenied("403 for parts/", new IOException());
            }
        };

        assertThatThrownBy(() -> run(shards(50), new Share(2), (_, _) -> OK, locked, Runnable::run))
                .isInstanceOf(StoreException.AccessDenied.class);
        assertThat(calls).hasSizeLessThanOrEqualTo(4);
    }
}
