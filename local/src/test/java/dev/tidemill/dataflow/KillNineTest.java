package dev.tidemill.dataflow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.Task.Partition;
import dev.tidemill.dataflow.Task.Policy;
import dev.tidemill.local.s3.EmbeddedS3;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.ObjectClient.ReadOptions;
import dev.tidemill.store.ObjectInfo;
import dev.tidemill.store.Precondition;
import dev.tidemill.store.Stores;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Materializers in processes of their own over a real S3 endpoint: killed at every step and started again, two at once, one that
 * wakes after it was given up, events that lie. What is committed always equals what the objects say, each counted once, and what
 * was finished is not computed again.
 */
class KillNineTest {

    private static final Trace TRACE = new Trace("0af7651916cd43dd8448eb211c80319c", "01");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STATE = "tidemill";
    private static final String IN = "lake";
    private static final String OUT = "results";
    private static final int OBJECTS = 14;

    @TempDir
    static Path directory;

    private static EmbeddedS3 s3;
    private static ObjectClient store;
    private static CountingFunction function;
    private static @Nullable MaterializerProcess living;
    private static int runs;

    @BeforeAll
    static void start() throws IOException {
        s3 = EmbeddedS3.start(directory, 0);
        store = Stores.connect(s3.config());
        List.of(STATE, IN, OUT).forEach(store::createBucket);
        function = new CountingFunction(store);
    }

    @AfterAll
    static void stop() {
        if (living != null) {
            living.close();
        }
        function.close();
        store.close();
        s3.close();
    }

    /** The living process, or a new one in place of one that was killed. */
    private static MaterializerProcess materializer() throws IOException {
        if (living == null || !living.isAlive()) {
            living = MaterializerProcess.start(s3.config());
        }
        return living;
    }

    @Test
    void commitsTheSameWhereverItIsKilled() throws Exception {
        Map<KillPoint, Subject> subjects = new HashMap<>();
        Set<KillPoint> passed = EnumSet.noneOf(KillPoint.class);
        for (KillPoint point : KillPoint.values()) {
            Subject subject = new Subject(
                    "killed-" + point.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            subjects.put(point, subject);
            for (int i = 0; i < OBJECTS; i++) {
                subject.write("%02d".formatted(i), "value " + i);
            }
            subject.write("poisoned", CountingFunction.POISON);
        }
        for (Round round : Round.values()) {
            for (KillPoint point : KillPoint.values()) {
                Subject subject = Objects.requireNonNull(subjects.get(point));
                KillPoint kill = round.kills(point) ? point : null;
                boolean killed = subject.settle(subject.combined(), kill);
                killed |= subject.settle(subject.written(), killed ? null : kill);
                if (killed) {
                    passed.add(point);
                }
                subject.verify(point + ", " + round);
                subject.write("03", "changed in the round " + round);
                subject.write("added-" + round, "added");
                subject.remove("07");
            }
        }
        assertThat(passed).as("kill points that were passed").containsExactly(KillPoint.values());
    }

    /** The first run, one that finds changes, and one that also removes what the one before condemned. */
    private enum Round {
        FIRST(EnumSet.allOf(KillPoint.class)),
        CHANGED(EnumSet.of(
                KillPoint.INVENTORY_CHECKPOINT,
                KillPoint.INVENTORY_DONE,
                KillPoint.PLAN_CREATED,
                KillPoint.PART_WRITTEN,
                KillPoint.COMBINE_LEVEL_DONE,
                KillPoint.MANIFEST_WRITTEN,
                KillPoint.COMMITTED)),
        CLEANED_UP(EnumSet.of(
                KillPoint.GARBAGE_SWEPT,
                KillPoint.INVENTORY_CHECKPOINT,
                KillPoint.MANIFEST_WRITTEN,
                KillPoint.COMMITTED));

        /** Takes twice as long. */
        private static final boolean EVERYWHERE = Boolean.getBoolean("tidemill.kill.everywhere");

        private final Set<KillPoint> points;

        Round(Set<KillPoint> points) {
            this.points = points;
        }

        boolean kills(KillPoint point) {
            return EVERYWHERE || points.contains(point);
        }
    }

    @Test
    void twoMaterializersAtOnceCommitOneTruth() throws Exception {
        Subject subject = new Subject("two-at-once");
        for (int i = 0; i < 40; i++) {
            subject.write("%02d".formatted(i), "value " + i);
        }
        try (MaterializerProcess one = MaterializerProcess.start(s3.config());
                MaterializerProcess two = MaterializerProcess.start(s3.config());
                ExecutorService drivers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<SliceReply>> replies = List.of(
                    drivers.submit(() -> drive(one, subject.combined(), false)),
                    drivers.submit(() -> drive(two, subject.combined(), false)));
            for (Future<SliceReply> reply : replies) {
                assertThat(reply.get().state()).isEqualTo(State.DONE);
                assertThat(result(reply.get())).isEqualTo(subject.content);
            }
        }
        assertThat(function.calls().stream().filter(subject::isOurs)).doesNotHaveDuplicates();
    }

    @Test
    void oneThatWakesAfterItWasGivenUpChangesNothing() throws Exception {
        for (KillPoint asleepAt : List.of(KillPoint.AFTER_REPLY, KillPoint.MANIFEST_WRITTEN, KillPoint.COMMITTED)) {
            Subject subject = new Subject(
                    "asleep-" + asleepAt.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            for (int i = 0; i < 10; i++) {
                subject.write("%02d".formatted(i), "value " + i);
            }
            try (MaterializerProcess sleeper = MaterializerProcess.start(s3.config());
                    MaterializerProcess successor = MaterializerProcess.start(s3.config())) {
                assertThat(sleeper.run(subject.combined().request("run-" + ++runs, false), asleepAt))
                        .as("came to " + asleepAt)
                        .isNull();
                subject.write("03", "changed meanwhile");
                SliceReply reply = drive(successor, subject.combined(), true);
                assertThat(result(reply)).isEqualTo(subject.content);

                sleeper.resume();
                SliceReply late = Objects.requireNonNull(sleeper.next());

                assertThat(result(drive(successor, subject.combined(), true)))
                        .as("after %s woke at %s", late.state(), asleepAt)
                        .isEqualTo(subject.content);
            }
        }
    }

    @Test
    void eventsThatAreLostRepeatedAndShuffledChangeOnlyWhen() throws Exception {
        Random random = new Random(11);
        Subject subject = new Subject("events");
        for (int i = 0; i < 30; i++) {
            subject.write("%02d".formatted(i), "value " + i);
        }
        Materializer here = new Materializer(store, new HttpFunctionClient());
        subject.settle(here, Set.of(), true);
        List<String> events = new ArrayList<>();
        for (int round = 0; round < 4; round++) {
            for (int change = 0; change < 6; change++) {
                String name = "%02d".formatted(random.nextInt(40));
                if (random.nextInt(4) == 0) {
                    subject.remove(name);
                } else {
                    subject.write(name, "round " + round + " change " + change);
                }
                for (int copies = random.nextInt(3); copies > 0; copies--) {
                    events.add(random.nextInt(events.size() + 1), subject.prefix() + name);
                }
            }
            Set<String> delivered = new HashSet<>(events.subList(0, Math.min(5, events.size())));
            events.subList(0, delivered.isEmpty() ? 0 : Math.min(5, events.size()))
                    .clear();
            if (!delivered.isEmpty()) {
                Map<String, String> shown = result(subject.settle(here, delivered, false));
                for (String key : delivered) {
                    assertThat(shown.get(key)).as("what an event named").isEqualTo(subject.content.get(key));
                }
            }
        }

        assertThat(result(subject.settle(here, Set.of(), true))).isEqualTo(subject.content);
    }

    /** Sends slices as a driver does, until the run is over. */
    private static SliceReply drive(MaterializerProcess process, Work work, boolean takeOver)
            throws IOException, InterruptedException {
        String run = "run-" + ++runs;
        while (true) {
            SliceReply reply = process.run(work.request(run, takeOver), null);
            if (reply == null) {
                throw new AssertionError("stopped without being told to");
            }
            if (reply.state() != State.MORE && reply.state() != State.BUSY) {
                return reply;
            }
            pause(reply.state() == State.BUSY ? null : reply.retryAt());
        }
    }

    private static void pause(@Nullable Instant until) throws InterruptedException {
        Instant now = store.storeTime();
        Duration wait = until == null ? Duration.ofMillis(100) : Duration.between(now, until);
        Thread.sleep(wait.isNegative() ? Duration.ZERO : wait);
    }

    private static Map<String, String> result(SliceReply reply) throws IOException {
        JsonNode result = Objects.requireNonNull(reply.result(), () -> reply.reason() + ": " + reply.message());
        if (result.has("dataref")) {
            String[] place =
                    result.get("dataref").asText().substring("s3://".length()).split("/", 2);
            result = JSON.readTree(bytes(place[0], place[1]));
        }
        Map<String, String> content = new TreeMap<>();
        result.properties()
                .forEach(field -> content.put(field.getKey(), field.getValue().asText()));
        return content;
    }

    private static byte[] bytes(String bucket, String key) throws IOException {
        try (var body = store.get(bucket, key, ReadOptions.ALL)) {
            return body.stream().readAllBytes();
        }
    }

    /** What a Dataset asks for, as a request for one slice of a run. */
    private interface Work {
        SliceRequest request(String run, boolean takeOver);
    }

    /** A folder of objects and two Datasets over it: one combined to a value, one written out as objects. */
    private static final class Subject {

        private final String name;
        private final Map<String, String> content = new TreeMap<>();

        Subject(String name) {
            this.name = name;
        }

        String prefix() {
            return name + "/";
        }

        void write(String file, String text) {
            store.put(IN, prefix() + file, text.getBytes(UTF_8), "text/plain", Precondition.NONE);
            if (!text.equals(CountingFunction.POISON)) {
                content.put(prefix() + file, text);
            }
        }

        void remove(String file) {
            store.delete(IN, List.of(prefix() + file));
            content.remove(prefix() + file);
        }

        Work combined() {
            return (run, takeOver) -> request(run, takeOver, "", null, Set.of(), true);
        }

        Work written() {
            return (run, takeOver) -> request(
                    run,
                    takeOver,
                    "-out",
                    new DatasetSpec.Output(OUT, prefix(), DataFormat.Type.JsonLines),
                    Set.of(),
                    true);
        }

        private SliceRequest request(
                String run,
                boolean takeOver,
                String suffix,
                DatasetSpec.@Nullable Output output,
                Set<String> changed,
                boolean fullListing) {
            FunctionTarget target = FunctionTarget.of("counting", function.url(), "1", Duration.ofSeconds(30));
            Task task = Task.of(
                            "laptop",
                            new DatasetRef("default", name + suffix, "uid-" + name + suffix, 1),
                            STATE,
                            new Input.Listing(IN, prefix(), List.of(), List.of()))
                    .output(output)
                    .partition(new Partition(0, 40, false))
                    .function(target)
                    .combine(output == null ? target : null)
                    .policy(new Policy(50, Duration.ofMinutes(10), Duration.ZERO, DatasetSpec.Reprocess.OnChange))
                    .build();
            return new SliceRequest(
                    task, new SliceRequest.Turn(run, TRACE, 4, Duration.ofMinutes(2), changed, fullListing, takeOver));
        }

        boolean isOurs(String partId) {
            return finished("").contains(partId);
        }

        /** Runs to the end in another process, which is killed once where it comes to the point; says whether it came there. */
        boolean settle(Work work, @Nullable KillPoint killAt) throws IOException, InterruptedException {
            String run = "run-" + ++runs;
            KillPoint armed = killAt;
            boolean killed = false;
            Set<String> finished = Set.of();
            int callsBefore = 0;
            while (true) {
                SliceReply reply = materializer().run(work.request(run, killed), armed);
                if (reply == null) {
                    materializer().kill();
                    killed = true;
                    armed = null;
                    finished = finished(
                            work.request(run, false).task().dataset().name().substring(name.length()));
                    callsBefore = function.calls().size();
                } else if (reply.state() == State.MORE || reply.state() == State.BUSY) {
                    pause(reply.retryAt());
                } else {
                    assertThat(reply.state())
                            .as(reply.reason() + ": " + reply.message())
                            .isIn(State.DONE, State.DEGRADED);
                    List<String> calls = function.calls();
                    assertThat(calls.subList(killed ? callsBefore : calls.size(), calls.size()).stream()
                                    .filter(finished::contains))
                            .as("calls after the kill at %s for what was finished", killAt)
                            .isEmpty();
                    return killed;
                }
            }
        }

        /** Runs to the end in this process. */
        SliceReply settle(Materializer here, Set<String> changed, boolean fullListing) throws InterruptedException {
            String run = "run-" + ++runs;
            while (true) {
                SliceReply reply = here.run(request(run, false, "", null, changed, fullListing));
                if (reply.state() != State.MORE) {
                    assertThat(reply.state())
                            .as(reply.reason() + ": " + reply.message())
                            .isEqualTo(State.DONE);
                    return reply;
                }
                pause(reply.retryAt());
            }
        }

        /** The ids of the parts that are there. */
        private Set<String> finished(String suffix) {
            Set<String> ids = new HashSet<>();
            String parts = "default/" + name + suffix + "/parts/";
            String after = null;
            ObjectClient.Page page;
            do {
                page = store.list(STATE, parts, after);
                for (ObjectInfo part : page.objects()) {
                    after = part.key();
                    ids.add(part.key().substring(parts.length()).split("\\.", 2)[0]);
                }
            } while (!page.last());
            return ids;
        }

        /** Compares what is committed with what the objects say, by asking for one more slice that finds nothing to do. */
        void verify(String when) throws IOException, InterruptedException {
            SliceReply settled = drive(materializer(), combined(), false);
            assertThat(result(settled)).as("combined, " + when).isEqualTo(content);
            Map<String, String> shown = new TreeMap<>();
            JsonNode view = JSON.readTree(bytes(OUT, prefix() + "_tidemill/current.json"));
            for (JsonNode object : view.get("objects")) {
                JsonNode body = JSON.readTree(bytes(OUT, object.get("key").asText()));
                body.properties()
                        .forEach(field -> assertThat(shown.put(
                                        field.getKey(), field.getValue().asText()))
                                .as("counted before: " + field.getKey() + ", " + when)
                                .isNull());
            }
            assertThat(shown).as("written out, " + when).isEqualTo(content);
        }
    }
}
