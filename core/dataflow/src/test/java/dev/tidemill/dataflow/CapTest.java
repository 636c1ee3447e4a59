package dev.tidemill.dataflow;

import static dev.tidemill.dataflow.TestFunction.reply;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.Assignment.Cap;
import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.dataflow.SliceReply.Items;
import dev.tidemill.dataflow.SliceReply.State;
import java.io.OutputStream;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A cap is a cap, over real HTTP: two Datasets of two namespaces, each with a materializer of its own, share one function; some of
 * its requests time out at the client and go on at the function; the reply of a slice is lost while the slice works on.
 */
class CapTest {

    private static final int CAP = 4;
    private static final int SHARDS = 40;
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration SLICE = Duration.ofMillis(500);

    private final AtomicInteger atWork = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger slow = new AtomicInteger();
    private final AtomicInteger slices = new AtomicInteger();
    private final Set<String> done = ConcurrentHashMap.newKeySet();

    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();

    private record Shard(String partId, int attemptsMade) implements WorkItem {
        @Override
        public int objects() {
            return 1;
        }

        @Override
        public FunctionClient.Event event(int attempt) {
            return new FunctionClient.Event(
                    partId,
                    "test",
                    "dev.tidemill.shard",
                    null,
                    "text/plain",
                    Map.of("attempt", Integer.toString(attempt)),
                    new byte[0]);
        }

        @Override
        public List<Shard> halves() {
            return List.of();
        }
    }

    private final class Parts implements PartSink {
        @Override
        public Verdict accept(WorkItem item, Reply.Result result, int attempt) {
            done.add(item.partId());
            return new Verdict.Written();
        }

        @Override
        public void postponed(WorkItem item, Failure last, int made) {
            attempts.put(item.partId(), made);
        }

        @Override
        public void failed(WorkItem item, Failure failure, int attempts) {
            throw new AssertionError(item.partId() + ": " + failure);
        }
    }

    /** Two shards of each Dataset take far longer than the caller waits, the first time. */
    private void work(TestFunction.Request request, OutputStream out) throws Exception {
        most.accumulateAndGet(atWork.incrementAndGet(), Math::max);
        try {
            boolean takesLong = request.header("ce-id").matches(".*-[12]7")
                    && request.header("ce-attempt").equals("1");
            slow.addAndGet(takesLong ? 1 : 0);
            Thread.sleep(takesLong ? 2 * TIMEOUT.toMillis() : 30);
        } finally {
            atWork.decrementAndGet();
        }
        out.write(reply(200, "", "ok"));
    }

    private TestFunction.Handler materializer(HttpFunctionClient client) {
        ObjectMapper json = Json.mapper();
        return (request, out) -> {
            boolean loseReply = slices.incrementAndGet() == 3;
            SliceRequest slice = json.readValue(request.body(), SliceRequest.class);
            if (loseReply) {
                // The slice goes on while nobody waits for it any more.
                Thread.startVirtualThread(() -> slice(slice, client));
                throw new java.io.IOException("the connection breaks");
            }
            out.write(reply(200, "Content-Type: application/json", Json.text(slice(slice, client))));
        };
    }

    private SliceReply slice(SliceRequest request, HttpFunctionClient client) {
        var function = java.util.Objects.requireNonNull(request.task().function());
        String prefix = request.task().dataset() + "-";
        var missing = IntStream.range(0, SHARDS)
                .mapToObj(i -> new Shard(prefix + i, attempts.getOrDefault(prefix + i, 0)))
                .filter(shard -> !done.contains(shard.partId()))
                .toList();
        var share = new Share(request.turn().share());
        try {
            DispatchReport report = new Dispatcher(
                            client,
                            new Dispatcher.Callee(function.url(), function.timeout()),
                            new Progress(),
                            Dispatcher.Surroundings.real())
                    .run(
                            missing.iterator(),
                            share,
                            Instant.now().plus(request.turn().sliceLimit()),
                            new Parts());
            Items items = new Items(SHARDS, share.taken(), 0, 0);
            return new SliceReply(
                    report.more() ? State.MORE : State.DONE,
                    "Test",
                    "",
                    items,
                    0,
                    0,
                    null,
                    report.more() ? 0 : 1,
                    0,
                    null,
                    null,
                    null,
                    null,
                    List.of(),
                    null);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Assignment assignment(String namespace, URI function) {
        var task = Task.of(
                        "here",
                        new DatasetRef(namespace, "d", "uid", 1),
                        "tidemill",
                        new Task.Input.Listing("lake", "in/", List.of(), List.of()))
                .output(new DatasetSpec.Output("lake", namespace + "/", DataFormat.Type.Csv))
                .function(FunctionTarget.of("f", function, "1", TIMEOUT))
                .build();
        var node = new Graph.Node(
                new Graph.Id(namespace, "d"), Instant.EPOCH, Set.of(), null, List.of(), place(namespace), List.of());
        return new Assignment(task, List.of(new Cap("shared/f", CAP)), null, node, false, null);
    }

    private static Graph.@Nullable Place place(String namespace) {
        return new Graph.Place("e", "lake", namespace + "/");
    }

    @Test
    @Timeout(120)
    void aFunctionNeverSeesMoreThanItsCapFromTwoMaterializersTimeoutsAndALostReply() {
        try (var client = new HttpFunctionClient(Clock.systemUTC(), Duration.ofSeconds(10));
                var toSlices = new HttpFunctionClient();
                var function = new TestFunction(this::work);
                var first = new TestFunction(materializer(client));
                var second = new TestFunction(materializer(client));
                var driver = Driver.start(
                        new HttpSlices(
                                toSlices, dataset -> dataset.namespace().equals("a") ? first.url() : second.url()),
                        (_, _) -> {},
                        (_, _) -> {},
                        new Driver.Settings(4, SLICE, true, Duration.ofSeconds(1)))) {
            driver.declare(List.of(assignment("a", function.url()), assignment("b", function.url())));

            driver.settled().join();
        }

        assertThat(done).hasSize(2 * SHARDS);
        assertThat(slow).as("requests that timed out").hasValueGreaterThanOrEqualTo(4);
        assertThat(slices).as("a reply was lost").hasValueGreaterThan(3);
        assertThat(most).as("calls at once").hasValue(CAP);
    }
}
