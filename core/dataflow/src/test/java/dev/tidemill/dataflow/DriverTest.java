package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Condition;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.Json;
import dev.tidemill.dataflow.Assignment.Cap;
import dev.tidemill.dataflow.Graph.Id;
import dev.tidemill.dataflow.SliceReply.Items;
import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.Slices.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The driver's loop in simulated time: a slice takes a minute, an hour takes no time. */
class DriverTest {

    private static final Duration A_SLICE = Duration.ofMinutes(1);
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final Duration RESYNC = Duration.ofMinutes(10);

    private final SimulatedTime time = new SimulatedTime();
    private final Instant start = time.now();
    private final List<Sent> sent = new ArrayList<>();
    private final List<FunctionClient.Event> announced = new ArrayList<>();
    private final List<FunctionClient.Event> accepted = new ArrayList<>();
    private final Map<String, DatasetStatus> statuses = new LinkedHashMap<>();
    private Duration slice = A_SLICE;
    private int statusWrites;
    private int refusals;
    private Function<SliceRequest, Outcome> materializer = _ -> replied(State.DONE, 1);

    private final Driver driver = new Driver(
            (request, _) -> {
                sent.add(new Sent(request, time.now().minus(slice)));
                return materializer.apply(request);
            },
            (_, event) -> {
                announced.add(event);
                if (refusals-- > 0) {
                    throw new IOException("the broker is away");
                }
                accepted.add(event);
            },
            (dataset, status) -> {
                statusWrites++;
                statuses.put(dataset.name(), status);
            },
            new Driver.Settings(10, LIMIT, false, Duration.ZERO),
            time,
            new Random(5),
            task -> time.after(slice, task));

    private record Sent(SliceRequest request, Instant at) {
        String name() {
            return request.task().dataset().name();
        }
    }

    private static Outcome replied(State state, long revision) {
        return replied(state, revision, state == State.DONE ? "Committed" : "Because", null);
    }

    private static Outcome replied(State state, long revision, String reason, @Nullable Instant retryAt) {
        return new Outcome.Replied(new SliceReply(
                state,
                reason,
                "told why",
                Items.NONE,
                20,
                2_000,
                200L,
                revision,
                revision,
                "s3://t/m",
                null,
                null,
                null,
                List.of(),
                retryAt));
    }

    private static Outcome failed(long revision, Failure failure) {
        return new Outcome.Replied(new SliceReply(
                State.FAILED,
                "TooManyFailures",
                "1 of 20 objects failed",
                Items.NONE,
                20,
                2_000,
                200L,
                revision,
                revision,
                "s3://t/m",
                null,
                null,
                null,
                List.of(failure),
                null));
    }

    private static JsonNode json(FunctionClient.Event event) {
        try {
            return Json.mapper().readTree(event.data());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Assignment assignment(String name, long generation, int cap, String... parents) {
        var function = FunctionTarget.of("f", URI.create("http://f"), "1", TIMEOUT);
        var ref = new DatasetRef("ns", name, "uid-" + name, generation);
        Task.Input input = parents.length == 0
                ? new Task.Input.Listing("lake", name + "/", List.of(), List.of())
                : new Task.Input.Committed(new DatasetRef("ns", parents[0], "uid-" + parents[0], 1));
        var task = Task.of("here", ref, "tidemill", input)
                .output(new DatasetSpec.Output("lake", "out-" + name + "/", DataFormat.Type.Csv))
                .function(function)
                .build();
        var node = new Graph.Node(
                new Id("ns", name),
                Instant.EPOCH,
                Stream.of(parents).map(parent -> new Id("ns", parent)).collect(Collectors.toSet()),
                null,
                List.of(),
                new Graph.Place("e", "lake", "out-" + name + "/"),
                List.of());
        return new Assignment(task, List.of(new Cap("ns/f", cap)), null, node, false, null);
    }

    private void driveFor(Duration duration) {
        time.after(duration, driver::close);
        try {
            driver.drive();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Condition condition(String dataset, String type) {
        return Objects.requireNonNull(statuses.get(dataset)).conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void sendsSliceAfterSliceOfOneRunUntilItIsDoneAndLooksAgainAtResync() {
        materializer = _ -> replied(sent.size() % 3 == 0 ? State.DONE : State.MORE, sent.size() / 3);
        driver.declare(List.of(assignment("d", 1, 20)));

        driveFor(Duration.ofMinutes(16));

        assertThat(sent)
                .extracting(Sent::at)
                .containsExactly(
                        start,
                        start.plus(A_SLICE),
                        start.plus(A_SLICE.multipliedBy(2)),
                        start.plus(A_SLICE.multipliedBy(3)).plus(RESYNC),
                        start.plus(A_SLICE.multipliedBy(4)).plus(RESYNC));
        assertThat(sent.subList(0, 3))
                .extracting(s -> s.request().turn().run())
                .containsOnly(sent.getFirst().request().turn().run());
        assertThat(sent.get(3).request().turn().run())
                .isNotEqualTo(sent.getFirst().request().turn().run());
        assertThat(sent).allSatisfy(s -> assertThat(s.request().turn().share()).isEqualTo(20));
    }

    @Test
    void looksWhileTheLeaseOfAnotherSliceStandsWhetherItWasGivenBack() {
        Instant leased = start.plus(Duration.ofMinutes(9));
        materializer = _ -> sent.size() < 4 ? replied(State.BUSY, 0, "Leased", leased) : replied(State.DONE, 1);
        driver.declare(List.of(assignment("d", 1, 20)));

        driveFor(Duration.ofMinutes(6));

        Duration each = A_SLICE.plusSeconds(15);
        assertThat(sent)
                .extracting(Sent::at)
                .containsExactly(
                        start, start.plus(each), start.plus(each.multipliedBy(2)), start.plus(each.multipliedBy(3)));
        assertThat(condition("d", "Ready").holds()).isTrue();
    }

    @Test
    void saysReadyWhenCommittedAndWritesNothingWhileNothingChanges() {
        driver.declare(List.of(assignment("d", 1, 20)));

        driveFor(Duration.ofMinutes(9));
        assertThat(condition("d", "Ready").holds()).isTrue();
        assertThat(condition("d", "Progressing").holds()).isFalse();
        assertThat(condition("d", "Degraded").holds()).isFalse();
        assertThat(Objects.requireNonNull(statuses.get("d")).objects()).isEqualTo(20);
        assertThat(statusWrites).as("begun, done").isEqualTo(2);
    }

    @Test
    void aResyncThatFindsNothingWritesNothing() {
        slice = Duration.ofSeconds(1);
        driver.declare(List.of(assignment("d", 1, 20)));

        driveFor(RESYNC.multipliedBy(3).plusMinutes(1));
        assertThat(sent).hasSize(4);
        assertThat(statusWrites).as("begun, done").isEqualTo(2);
    }

    @Test
    void tellsOfWorkOnNewerInputWhileItGoesOn() {
        var progressing = new ArrayList<Boolean>();
        driver.declare(List.of(assignment("d", 1, 20)));
        time.after(
                RESYNC.plus(A_SLICE).plusSeconds(8),
                () -> progressing.add(condition("d", "Progressing").holds()));

        driveFor(RESYNC.plusMinutes(3));
        assertThat(progressing).containsExactly(true);
        assertThat(condition("d", "Progressing").holds()).isFalse();
    }

    @Test
    void keepsReadyOfAnOlderRevisionWhileTheRunAfterItFails() {
        materializer =
                _ -> sent.size() == 1 ? replied(State.DONE, 1) : replied(State.FAILED, 1, "TooManyFailures", null);
        driver.declare(List.of(assignment("d", 1, 20)));

        driveFor(Duration.ofMinutes(15));
        assertThat(condition("d", "Ready").holds()).isTrue();
        assertThat(condition("d", "Degraded"))
                .extracting(Condition::holds, Condition::reason)
                .containsExactly(true, "TooManyFailures");
    }

    @Test
    void isNotReadyForAGenerationThatNothingWasCommittedFor() {
        materializer = request -> request.task().dataset().generation() == 1
                ? replied(State.DONE, 1)
                : replied(State.HELD, 1, "RemovalHeld", null);
        driver.declare(List.of(assignment("d", 1, 20)));
        time.after(Duration.ofMinutes(2), () -> driver.declare(List.of(assignment("d", 2, 20))));

        driveFor(Duration.ofMinutes(5));

        assertThat(sent).hasSize(2);
        assertThat(condition("d", "Ready"))
                .extracting(Condition::holds, Condition::reason)
                .containsExactly(false, "RemovalHeld");
    }

    @Test
    void keepsThePermitsOfALostReplyUntilTheSliceSurelyHasEnded() {
        materializer = _ -> sent.size() == 1 ? new Outcome.Lost("connection reset") : replied(State.DONE, 1);
        driver.declare(List.of(assignment("a", 1, 20)));
        time.after(Duration.ofSeconds(90), () -> driver.declare(List.of(assignment("b", 1, 20))));

        driveFor(Duration.ofMinutes(9));

        Instant surely = start.plus(LIMIT).plus(TIMEOUT);
        assertThat(sent).extracting(Sent::name).containsExactlyInAnyOrder("a", "a", "b");
        assertThat(sent.subList(1, 3)).allSatisfy(s -> assertThat(s.at()).isAfterOrEqualTo(surely));
        assertThat(sent.stream()
                        .filter(s -> s.name().equals("a"))
                        .map(s -> s.request().turn().takeOver()))
                .as("its lease is surely dead then")
                .containsExactly(false, true);
    }

    @Test
    void tellsWhoWaitsForKeptPermitsOfWhomAndUntilWhen() {
        materializer = _ -> sent.size() == 1 ? new Outcome.Lost("connection reset") : replied(State.DONE, 1);
        var seen = new LinkedHashMap<String, Condition>();
        driver.declare(List.of(assignment("a", 1, 20)));
        time.after(Duration.ofSeconds(90), () -> driver.declare(List.of(assignment("b", 1, 20))));
        time.after(Duration.ofSeconds(91), () -> {
            seen.put("a", condition("a", "Progressing"));
            seen.put("b", condition("b", "Progressing"));
        });

        driveFor(Duration.ofMinutes(9));

        Instant surely = start.plus(LIMIT).plus(TIMEOUT);
        assertThat(seen.get("a"))
                .extracting(Condition::holds, Condition::reason, Condition::message)
                .containsExactly(
                        true,
                        "ReplyLost",
                        "connection reset; the slice may be at work still, and is thought over at " + surely
                                + ": until then it keeps its 20 permits of function f");
        assertThat(seen.get("b"))
                .extracting(Condition::holds, Condition::reason, Condition::message)
                .containsExactly(
                        true,
                        "WaitingForPermits",
                        "function f takes 20 calls at a time and has no permit left; kept are 20 for a slice of dataset a"
                                + " that was not heard of again, until " + surely + " at the latest");
        assertThat(condition("b", "Ready").holds()).isTrue();
        assertThat(condition("b", "Progressing").holds()).isFalse();
    }

    @Test
    void tellsWhoWaitsForAFunctionThatIsAtWorkForOthersButNotWhoOnlyLooks() {
        slice = Duration.ofMinutes(2);
        var seen = new ArrayList<Condition>();
        driver.declare(List.of(assignment("a", 1, 1)));
        time.after(Duration.ofSeconds(1), () -> driver.declare(List.of(assignment("b", 1, 1))));
        time.after(Duration.ofSeconds(3), () -> seen.add(condition("b", "Progressing")));
        time.after(Duration.ofSeconds(30), () -> seen.add(condition("b", "Progressing")));

        driveFor(RESYNC.multipliedBy(3));

        assertThat(seen).extracting(Condition::reason).containsExactly("Running", "WaitingForPermits");
        assertThat(seen.getLast().message()).endsWith("has no permit left: slices of other Datasets are at work");
        assertThat(sent).as("they went on taking turns").hasSizeGreaterThan(4);
        assertThat(condition("b", "Progressing").reason()).isNotEqualTo("WaitingForPermits");
    }

    @Test
    void keepsThePermitsOfCallsThatASliceLeftBehind() {
        materializer = _ -> sent.size() == 1
                ? new Outcome.Replied(new SliceReply(
                        State.MORE,
                        "SliceOver",
                        "",
                        new Items(20, 15, 0, 0),
                        0,
                        0,
                        null,
                        0,
                        0,
                        null,
                        null,
                        null,
                        null,
                        List.of(),
                        null))
                : replied(State.DONE, 1);
        driver.declare(List.of(assignment("d", 1, 20)));
        time.after(Duration.ofMinutes(8), () -> driver.changed(new Id("ns", "d"), Set.of()));

        driveFor(Duration.ofSeconds(9 * 60 + 30));

        assertThat(sent).extracting(s -> s.request().turn().share()).containsExactly(20, 5, 20);
    }

    @Test
    void keepsThePermitsOfARemovedDatasetToo() {
        materializer = _ -> sent.size() == 1 ? new Outcome.Lost("connection reset") : replied(State.DONE, 1);
        driver.declare(List.of(assignment("a", 1, 20)));
        time.after(Duration.ofSeconds(30), () -> {
            driver.remove(new Id("ns", "a"));
            driver.declare(List.of(assignment("b", 1, 20)));
        });

        driveFor(Duration.ofMinutes(9));

        assertThat(sent).extracting(Sent::name).containsExactly("a", "b");
        assertThat(sent.get(1).at()).isEqualTo(start.plus(LIMIT).plus(TIMEOUT));
    }

    @Test
    void triesAgainSoonWhatSurelyDidNotBeginAndReportsItAfterAWhile() {
        materializer = _ -> new Outcome.NotStarted("cannot connect to http://m: is it running?");
        driver.declare(List.of(assignment("d", 1, 20)));
        var settled = driver.settled();

        driveFor(Duration.ofMinutes(20));

        assertThat(sent).hasSizeGreaterThan(5);
        assertThat(settled).isDone();
        assertThat(condition("d", "Ready"))
                .extracting(Condition::reason, Condition::message)
                .containsExactly("MaterializerUnreachable", "cannot connect to http://m: is it running?");
    }

    @Test
    void backsOffFromAFunctionThatFailsAndReportsIt() {
        materializer = _ -> replied(State.MORE, 0, "FunctionFailing", time.now().plusSeconds(10));
        driver.declare(List.of(assignment("d", 1, 20)));
        var settled = driver.settled();

        driveFor(Duration.ofHours(3));

        assertThat(settled).isDone();
        assertThat(sent).as("backs off to five minutes").hasSizeBetween(30, 120);
        assertThat(condition("d", "Ready").reason()).isEqualTo("FunctionFailing");
        assertThat(condition("d", "Degraded").holds()).isTrue();
    }

    @Test
    void announcesEachRevisionUnderOneIdUntilItIsAccepted() {
        refusals = 4;
        driver.declare(List.of(assignment("d", 1, 20)));

        driveFor(Duration.ofMinutes(9));

        assertThat(announced).hasSize(5);
        assertThat(announced)
                .extracting(FunctionClient.Event::id)
                .containsOnly(announced.getFirst().id());
        assertThat(announced.getFirst().type()).isEqualTo("dev.tidemill.dataset.materialized");
        assertThat(announced.getFirst().data()).asString().contains("\"revision\":1", "\"manifest\":\"s3://t/m\"");
    }

    @Test
    void announcesEveryRevisionOfATimeWithoutBrokerInOrderWhenItIsBack() {
        refusals = 40;
        int[] revision = {0};
        materializer = _ -> replied(State.DONE, ++revision[0]);
        driver.declare(List.of(assignment("d", 1, 20)));

        driveFor(Duration.ofHours(3));

        assertThat(revision[0]).isGreaterThan(10);
        assertThat(accepted)
                .extracting(event -> json(event).path("revision").asInt())
                .startsWith(1, 2, 3, 4, 5)
                .isSorted()
                .doesNotHaveDuplicates()
                .endsWith(revision[0]);
    }

    @Test
    void keepsABoundedNumberOfAnnouncementsForABrokerThatStaysAway() {
        refusals = Integer.MAX_VALUE;
        int[] revision = {0};
        materializer = _ -> replied(State.DONE, ++revision[0]);
        driver.declare(List.of(assignment("d", 1, 20)));
        time.after(Duration.ofHours(12), () -> refusals = 0);

        driveFor(Duration.ofHours(14));

        List<Integer> told = accepted.stream()
                .map(event -> json(event).path("revision").asInt())
                .toList();
        assertThat(told).isSorted().doesNotHaveDuplicates().endsWith(revision[0]);
        assertThat(told.getFirst()).as("the oldest ones were dropped").isGreaterThan(10);
        assertThat(told).as("as many as are kept, and those of two more hours").hasSizeBetween(32, 50);
    }

    @Test
    void tellsThatARunFailedOnceForEachThingThatIsWrong() {
        var bad = new Failure("BadRow", "quote opened here is never closed", "s3://lake/d/a.csv", 812, 40_961, true);
        materializer = _ -> switch (sent.size()) {
            case 1 -> replied(State.DONE, 1);
            case 2, 3 -> failed(1, bad);
            case 4 ->
                failed(1, new Failure("BadRow", "quote opened here is never closed", "s3://lake/d/b.csv", 3, 9, true));
            case 5 -> replied(State.DONE, 2);
            default -> failed(2, bad);
        };
        driver.declare(List.of(assignment("d", 1, 20)));

        driveFor(Duration.ofMinutes(100));

        assertThat(sent).hasSizeGreaterThan(6);
        assertThat(announced)
                .extracting(event -> event.type().replace("dev.tidemill.dataset.", ""))
                .containsExactly("materialized", "failed", "failed", "materialized", "failed");
        assertThat(announced).extracting(FunctionClient.Event::id).doesNotHaveDuplicates();
        assertThat(json(announced.get(1)).toString())
                .isEqualTo(
                        "{\"namespace\":\"ns\",\"dataset\":\"d\",\"revision\":1,\"reason\":\"TooManyFailures\","
                                + "\"message\":\"1 of 20 objects failed\",\"failures\":[{\"reason\":\"BadRow\",\"message\":"
                                + "\"quote opened here is never closed\",\"object\":\"s3://lake/d/a.csv\",\"line\":812,\"byte\":40961}]}");
    }

    @Test
    void doesNotAnnounceTheSameRevisionAgainAtResync() {
        driver.declare(List.of(assignment("d", 1, 20)));
        driveFor(Duration.ofHours(1));

        assertThat(sent).hasSizeGreaterThan(4);
        assertThat(announced).hasSize(1);
    }

    @Test
    void runsAChainInItsOrderAndWakesItWithoutWaitingForResync() {
        int[] revision = {1};
        materializer = _ -> replied(State.DONE, revision[0]);
        driver.declare(List.of(assignment("c", 1, 20, "b"), assignment("b", 1, 20, "a"), assignment("a", 1, 20)));
        time.after(Duration.ofMinutes(5), () -> {
            revision[0] = 2;
            driver.changed(
                    new Id("ns", "a"), Set.of("a/new.csv"), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        });

        driveFor(Duration.ofMinutes(10));

        assertThat(sent).extracting(Sent::name).containsExactly("a", "b", "c", "a", "b", "c");
        assertThat(sent.get(3).request()).satisfies(request -> {
            assertThat(request.turn().changedKeys()).containsExactly("a/new.csv");
            assertThat(request.turn().fullListing()).isFalse();
        });
        assertThat(sent.subList(3, 6))
                .extracting(one -> one.request().turn().trace())
                .as("the trace of the event")
                .containsOnly(new Trace("0af7651916cd43dd8448eb211c80319c", "01"));
    }

    @Test
    void startsBothArmsOfADiamondBeforeWhatJoinsThem() {
        driver.declare(List.of(
                assignment("join", 1, 20, "left", "right"),
                assignment("left", 1, 20, "raw"),
                assignment("right", 1, 20, "raw"),
                assignment("raw", 1, 20)));

        driveFor(Duration.ofMinutes(9));

        assertThat(sent).extracting(Sent::name).containsExactly("raw", "left", "right", "join");
    }

    @Test
    void gathersAStormOfEventsIntoOneRunAfterTheOneUnderWay() {
        driver.declare(List.of(assignment("d", 1, 20)));
        for (int i = 1; i <= 50; i++) {
            String key = "k" + i;
            time.after(Duration.ofSeconds(i), () -> driver.changed(new Id("ns", "d"), Set.of(key)));
        }

        driveFor(Duration.ofMinutes(8));

        assertThat(sent).hasSize(2);
        assertThat(sent.get(1).request().turn().changedKeys()).hasSize(50);
        assertThat(sent.get(1).at()).isEqualTo(sent.get(0).at().plus(A_SLICE).plusSeconds(5));
    }

    @Test
    void looksAtEverythingAgainWhenAnEventNamesNoKeys() {
        driver.declare(List.of(assignment("d", 1, 20)));
        time.after(Duration.ofSeconds(1), () -> driver.changed(new Id("ns", "d"), Set.of("k")));
        time.after(Duration.ofSeconds(2), () -> driver.changed(new Id("ns", "d"), Set.of()));

        driveFor(Duration.ofMinutes(8));

        assertThat(sent.get(1).request().turn().fullListing()).isTrue();
    }

    @Test
    void leavesARingAloneAndGoesOnWithTheRest() {
        driver.declare(List.of(assignment("a", 1, 20, "b"), assignment("b", 1, 20, "a"), assignment("free", 1, 20)));
        var settled = driver.settled();

        driveFor(Duration.ofMinutes(8));

        assertThat(settled).isDone();
        assertThat(sent).extracting(Sent::name).contains("a", "free").doesNotContain("b");
        assertThat(condition("b", "Ready"))
                .extracting(Condition::holds, Condition::reason)
                .containsExactly(false, "Cycle");
        assertThat(condition("free", "Ready").holds()).isTrue();
    }

    @Test
    void dropsARunWhoseSpecChangedAndBeginsAnotherWithItsNextSlice() {
        materializer =
                request -> request.task().dataset().generation() == 1 ? replied(State.MORE, 0) : replied(State.DONE, 1);
        driver.declare(List.of(assignment("d", 1, 20)));
        time.after(Duration.ofSeconds(30), () -> driver.declare(List.of(assignment("d", 2, 20))));

        driveFor(Duration.ofMinutes(8));

        assertThat(sent).hasSize(2);
        assertThat(sent.get(1).request().turn().run())
                .isNotEqualTo(sent.get(0).request().turn().run());
        assertThat(condition("d", "Ready").holds()).isTrue();
    }

    @Test
    void sendsAtMostSoManySlicesAtATime() {
        var many = new ArrayList<Assignment>();
        for (int i = 0; i < 25; i++) {
            many.add(assignment("d" + i, 1, 1_000));
        }
        driver.declare(many);

        driveFor(Duration.ofMinutes(8));

        assertThat(sent.stream().collect(Collectors.groupingBy(Sent::at)).values())
                .extracting(List::size)
                .containsExactlyInAnyOrder(10, 10, 5);
    }
}
