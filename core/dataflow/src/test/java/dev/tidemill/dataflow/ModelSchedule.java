package dev.tidemill.dataflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.Task.Partition;
import dev.tidemill.dataflow.Task.Policy;
import dev.tidemill.dataflow.Task.Wishes;
import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.Limits;
import dev.tidemill.dataflow.internal.ledger.Manifest;
import dev.tidemill.store.Fault;
import dev.tidemill.store.KeyOrder;
import dev.tidemill.store.Killed;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Operation;
import dev.tidemill.store.Precondition;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One random history of a Dataset, and what must be true of it. Everything that happens follows from the seed. */
final class ModelSchedule {

    private static final Trace TRACE = new Trace("0af7651916cd43dd8448eb211c80319c", "01");

    private static final Duration SLICE = Duration.ofSeconds(30);
    private static final Duration RESYNC = Duration.ofMinutes(10);
    private static final Duration RETENTION = Duration.ofHours(1);
    private static final RetryPolicy CALLS =
            new RetryPolicy(2, 1, new Backoff(Duration.ofMillis(10), Duration.ofSeconds(1)), 6, 2, 3);

    private final Random random;
    private final MemoryStore memory;
    private final ObjectClient clean;
    private final Map<String, String> truth = new TreeMap<>(KeyOrder.UTF8);
    private final Set<String> events = new HashSet<>();
    private final boolean derived;
    private final boolean objects;
    private final boolean tolerant;
    private final int scale;
    private final Limits limits;
    private final List<LedgerAudit> audits = new ArrayList<>();
    private final List<String> story = new ArrayList<>();
    private boolean auditDue;
    private boolean lateReads;
    private int runs;
    private int changes;

    ModelSchedule(long seed) {
        random = new Random(seed);
        memory = new MemoryStore(1 + random.nextInt(5));
        clean = memory.client();
        derived = random.nextInt(4) == 0;
        objects = random.nextBoolean();
        tolerant = random.nextInt(3) == 0;
        scale = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0;
        limits = new Limits(1 << random.nextInt(3), 2, Integer.MAX_VALUE);
        for (String bucket : List.of("tidemill", "in", "out")) {
            clean.createBucket(bucket);
        }
        audits.add(new LedgerAudit(clean, "result"));
        if (derived) {
            audits.add(new LedgerAudit(clean, "source"));
        }
    }

    /** What happened, for whoever has to understand a failure. */
    List<String> story() {
        return story;
    }

    void play() throws InterruptedException {
        for (int i = random.nextInt(5); i > 0; i--) {
            change();
        }
        int phases = 1 + random.nextInt(4);
        for (int phase = 0; phase < phases; phase++) {
            switch (random.nextInt(8)) {
                case 0 -> change();
                case 1 -> pass(Duration.ofMinutes(random.nextInt(90)));
                case 2 -> pass(Duration.ofHours(1 + random.nextInt(30)));
                case 3, 4 -> together();
                default -> alone();
            }
        }
        settle();
    }

    // --- what happens to the input
    // -------------------------------------------------------------------------------------

    private void change() {
        memory.advance(Duration.ofMillis(1 + random.nextInt(3)));
        String key = "in/" + (char) ('a' + random.nextInt(6));
        switch (random.nextInt(6)) {
            case 0 -> {
                truth.remove(key);
                clean.delete("in", List.of(key));
            }
            case 1 -> {
                if (truth.containsKey(key)) {
                    write(key, truth.get(key));
                }
            }
            case 2 -> write(key, tolerant && random.nextBoolean() ? ModelFunction.POISON + changes : "v" + changes);
            // Never the same bytes again but right away: HEAD tells whole seconds, and the clock here stands almost
            // still.
            default -> write(key, "v" + changes + "x".repeat(random.nextInt(8)));
        }
        changes++;
        if (random.nextInt(4) > 0) {
            events.add(key);
        }
    }

    private void write(String key, String content) {
        story.add("write " + key + " = " + content);
        truth.put(key, content);
        clean.put("in", key, content.getBytes(StandardCharsets.UTF_8), "text/plain", Precondition.NONE);
    }

    private void pass(Duration time) {
        story.add("pass " + time);
        memory.advance(time);
    }

    // --- who works
    // -----------------------------------------------------------------------------------------------------

    private void alone() throws InterruptedException {
        SliceRequest request = request(false, random.nextInt(3) == 0);
        Set<String> finished = audits.getFirst().usableParts();
        boolean stale = random.nextInt(3) == 0;
        lateReads |= stale;
        Actor actor = new Actor(request, null, 0, stale, random.nextInt(3) == 0);
        actor.forbidden = stale ? Set.of() : finished;
        actor.run();
        audit();
    }

    private void together() throws InterruptedException {
        Baton baton = new Baton(random::nextInt);
        List<Actor> actors = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            actors.add(new Actor(request(random.nextBoolean(), true), baton, i, false, random.nextInt(3) == 0));
        }
        baton.play(List.copyOf(actors));
        for (Actor actor : actors) {
            if (actor.failure != null) {
                throw actor.failure;
            }
        }
        audit();
    }

    /** One process that works for one slice, and what befalls it. */
    private final class Actor implements Runnable {
        private final SliceRequest request;
        private final @Nullable Baton baton;
        private final int number;
        private final boolean stale;
        private final boolean mortal;
        private final boolean flawless;
        private Set<String> forbidden = Set.of();
        private @Nullable AssertionError failure;
        private @Nullable SliceReply reply;

        Actor(SliceRequest request, @Nullable Baton baton, int number, boolean stale, boolean mortal) {
            this(request, baton, number, stale, mortal, false);
        }

        Actor(
                SliceRequest request,
                @Nullable Baton baton,
                int number,
                boolean stale,
                boolean mortal,
                boolean flawless) {
            this.request = request;
            this.baton = baton;
            this.number = number;
            this.stale = stale;
            this.mortal = mortal;
            this.flawless = flawless;
        }

        @Override
        public void run() {
            ObjectClient client = memory.client(this::before);
            Surroundings surroundings =
                    new Surroundings(CALLS, new StoreTime(memory), random, KillSwitch.NEVER, Runnable::run, limits);
            FunctionClient functions = new ModelFunction(clean, this::called);
            if (!flawless) {
                functions = unreliable(functions);
            }
            try {
                reply = new Materializer(client, functions, surroundings).run(request);
                story.add(number + " " + request.task().dataset().name() + " "
                        + request.turn().run() + " " + reply.state() + " " + reply.reason() + " " + reply.message());
            } catch (Killed death) {
                story.add(number + " " + request.task().dataset().name() + " "
                        + request.turn().run() + " " + death.getMessage());
            } catch (AssertionError e) {
                failure = e;
            } catch (RuntimeException | InterruptedException e) {
                failure = new AssertionError("the materializer threw " + e, e);
            }
            if (baton == null && failure != null) {
                throw failure;
            }
        }

        private FunctionClient unreliable(FunctionClient reliable) {
            return (url, event, timeout) -> {
                if (baton != null) {
                    baton.step(number);
                }
                if (random.nextInt(8) == 0) {
                    change();
                }
                if (random.nextInt(12) == 0) {
                    return new FunctionClient.Reply.Transient(503, "busy", null);
                }
                return reliable.call(url, event, timeout);
            };
        }

        private void called(FunctionClient.Event event) {
            // What this very slice has condemned since counts as absent.
            if (forbidden.contains(event.id())
                    && audits.getFirst().usableParts().contains(event.id())) {
                throw new AssertionError("finished part " + event.id() + " is computed again");
            }
        }

        /** Before each operation: the world moves on, somebody else may work, and something may go wrong. */
        private Fault before(Operation operation) {
            audit();
            memory.advance(Duration.ofMillis(1));
            if (operation.kind() == Operation.Kind.PUT && operation.key().endsWith("/current.json")) {
                auditDue = true;
            }
            if (flawless) {
                return Fault.NONE;
            }
            if (baton != null) {
                baton.step(number);
                audit();
                auditDue |= operation.kind() == Operation.Kind.PUT
                        && operation.key().endsWith("/current.json");
            }
            if (random.nextInt(40) == 0) {
                change();
            }
            int dice = random.nextInt(200);
            if (mortal && dice < 10) {
                return new Fault.Kill(random.nextBoolean());
            }
            if (stale && dice < 30 && !operation.kind().writes()) {
                return new Fault.Stale(1 + random.nextInt(4));
            }
            return switch (dice) {
                case 198 -> Fault.FAIL_BEFORE;
                case 199 -> Fault.LOSE_REPLY;
                default -> Fault.NONE;
            };
        }
    }

    private SliceRequest request(boolean takeOver, boolean full) {
        String dataset = derived && random.nextBoolean() ? "source" : "result";
        Set<String> changed = new HashSet<>();
        if (!full) {
            events.stream().filter(key -> random.nextInt(4) > 0).forEach(changed::add);
            if (random.nextInt(4) == 0) {
                changed.add("in/" + (char) ('a' + random.nextInt(8)));
            }
            if (random.nextBoolean()) {
                events.clear();
            }
        }
        // Now and then another slice of the same run; and slices that end in the middle of something.
        String run = "run-" + (random.nextInt(3) == 0 ? runs : ++runs);
        Duration limit = random.nextInt(3) == 0 ? Duration.ofMillis(5 + random.nextInt(60)) : SLICE;
        return request(dataset, run, takeOver, full, changed, Wishes.NONE, limit);
    }

    private SliceRequest request(
            String dataset,
            String run,
            boolean takeOver,
            boolean full,
            Set<String> changed,
            Wishes wishes,
            Duration sliceLimit) {
        boolean source = dataset.equals("source");
        FunctionTarget function =
                source ? null : FunctionTarget.of("merge", URI.create("http://merge/"), "1", Duration.ofSeconds(10));
        Input input = derived && !source
                ? new Input.Committed(new DatasetRef("default", "source", "uid-source", 1))
                : new Input.Listing("in", "in/", List.of(), List.of());
        Task task = Task.of("laptop", new DatasetRef("default", dataset, "uid-" + dataset, 1), "tidemill", input)
                .output(source || !objects ? null : new DatasetSpec.Output("out", "out/", DataFormat.Type.Raw))
                .partition(new Partition(scale, 6, false))
                .function(function)
                .combine(objects ? null : function)
                .policy(new Policy(tolerant ? 100 : 0, RESYNC, RETENTION, DatasetSpec.Reprocess.OnChange))
                .wishes(wishes)
                .build();
        return new SliceRequest(task, new SliceRequest.Turn(run, TRACE, 2, sliceLimit, changed, full, takeOver));
    }

    // --- how it must end
    // -----------------------------------------------------------------------------------------------

    /** Leaves the world alone until nothing is due any more, and looks at what came of it. */
    private void settle() {
        story.add("settle " + truth);
        for (LedgerAudit audit : audits.reversed()) {
            finish(audit == audits.getFirst() ? "result" : "source");
        }
        requireResult();
        LedgerAudit audit = audits.getFirst();
        // The costly questions are asked now and then: of 100,000 histories that is often.
        switch (random.nextInt(16)) {
            case 0 -> requireNothingLeaks(audit);
            case 1, 2, 3 -> requireSettled(audit);
            default -> {}
        }
    }

    private void requireSettled(LedgerAudit audit) {
        int commits = audit.commits();
        pass(Duration.ofMinutes(1));
        finish("result");
        require(audit.commits() == commits, "a settled Dataset was committed again");
    }

    private void finish(String dataset) {
        String run = "settle-" + ++runs;
        for (int slices = 0; slices < 60; slices++) {
            Actor actor = new Actor(
                    request(dataset, run, false, true, Set.of(), new Wishes(false, null, "settle"), SLICE),
                    null,
                    0,
                    false,
                    false,
                    true);
            actor.forbidden = dataset.equals("result") ? audits.getFirst().usableParts() : Set.of();
            actor.run();
            audit();
            SliceReply reply = Objects.requireNonNull(actor.reply);
            switch (reply.state()) {
                case DONE, DEGRADED -> {
                    return;
                }
                case HELD -> pass(RESYNC);
                case BUSY -> pass(Duration.ofMinutes(2));
                case MORE -> memory.advance(Duration.ofSeconds(10));
                case FAILED -> throw new AssertionError("settling failed: " + reply.reason() + " " + reply.message());
            }
        }
        throw new AssertionError("it never settles");
    }

    private void requireResult() {
        Manifest manifest = Objects.requireNonNull(audits.getFirst().committed());
        Map<String, String> expected = new TreeMap<>(truth);
        expected.values().removeIf(content -> content.startsWith(ModelFunction.POISON));
        Map<String, String> found = counted(manifest);
        require(found.equals(expected), "committed is " + found + ", an undisturbed run gives " + expected);
        long poisoned = truth.size() - expected.size();
        long failed = manifest.data() == null ? 0 : manifest.data().failedObjects();
        require(failed == poisoned, failed + " objects count as failed, " + poisoned + " are bad");
    }

    private static void merge(Map<String, String> into, byte[] json) {
        try {
            JsonNode map = Json.MAPPER.readTree(json);
            map.fields().forEachRemaining(field -> {
                String before = into.put(field.getKey(), field.getValue().asText());
                require(before == null, field.getKey() + " counts twice");
            });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] read(String bucket, String key) {
        try (var body = clean.get(bucket, key, ObjectClient.ReadOptions.ALL)) {
            return body.stream().readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What nobody refers to is on the list by one commit or the one after it. */
    private void requireNothingLeaks(LedgerAudit audit) {
        Set<String> leaked = Set.of();
        for (int i = 0; i < 3; i++) {
            pass(RETENTION.plusHours(1));
            write("in/a", "last" + i);
            for (LedgerAudit each : audits.reversed()) {
                finish(each == audit ? "result" : "source");
            }
            Set<String> before = leaked;
            leaked = audit.leaked(Objects.requireNonNull(audit.committed()), RETENTION);
            Set<String> still = new HashSet<>(leaked);
            still.retainAll(before);
            require(still.isEmpty(), "nobody will ever delete " + still);
        }
        requireResult();
    }

    private void audit() {
        if (!auditDue) {
            return;
        }
        auditDue = false;
        for (LedgerAudit audit : audits) {
            Manifest committed = audit.check();
            if (committed != null && audit == audits.getFirst() && !lateReads) {
                requireEachCountsAsItWasConsumed(audit, committed);
            }
        }
    }

    /** What is counted is the very content that is listed as consumed; what is missing has failed. */
    private void requireEachCountsAsItWasConsumed(LedgerAudit audit, Manifest manifest) {
        Map<String, String> consumed = audit.consumed(manifest);
        Map<String, String> counted = counted(manifest);
        counted.forEach((key, content) -> require(
                etag(content).equals(consumed.get(key)),
                key + " counts as " + content + ", but another content is listed as consumed"));
        long failed = manifest.data() == null ? 0 : manifest.data().failedObjects();
        require(
                counted.size() + failed == consumed.size(),
                consumed.size() + " objects were consumed, " + counted.size() + " count and " + failed + " failed");
    }

    private Map<String, String> counted(Manifest manifest) {
        Map<String, String> found = new TreeMap<>();
        if (objects) {
            audits.getFirst().shown(manifest).forEach(object -> merge(found, read("out", object.key())));
        } else if (manifest.data() != null && manifest.data().result() != null) {
            merge(
                    found,
                    read(
                            "tidemill",
                            "default/result/" + manifest.data().result().name()));
        }
        return found;
    }

    private static String etag(String content) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(content.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
