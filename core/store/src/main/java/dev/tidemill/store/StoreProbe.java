package dev.tidemill.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Measures what a store does, not what it claims: many writers race for one key, and one may win. Writes below
 * {@code prefix} of the bucket and removes what it wrote.
 */
public final class StoreProbe {

    private static final int WRITERS = 16;

    private final ObjectClient store;
    private final String bucket;
    private final String prefix;
    private final int rounds;

    /** @param rounds races for each ability; a store that locks nothing is caught within a few dozen */
    public StoreProbe(ObjectClient store, String bucket, String prefix, int rounds) {
        this.store = store;
        this.bucket = bucket;
        this.prefix = prefix + "probe-" + UUID.randomUUID() + "/";
        this.rounds = rounds;
    }

    /**
     * What the store was seen to do.
     *
     * @param conditionalCreate {@code If-None-Match: *} lets exactly one writer win
     * @param conditionalReplace {@code If-Match} lets exactly one writer win
     */
    public record Result(Ability conditionalCreate, Ability conditionalReplace) {

        /** Without a conditional replace two runs could commit over each other. */
        public boolean canCommit() {
            return conditionalCreate.holds() && conditionalReplace.holds();
        }

        /** Why this store cannot commit, and what to do; the empty string when it can. */
        public String complaint() {
            return !conditionalCreate.holds()
                    ? conditionalCreate.message()
                    : !conditionalReplace.holds() ? conditionalReplace.message() : "";
        }
    }

    /**
     * @param message what was seen, for a condition
     */
    public record Ability(boolean holds, String message) {}

    /**
     * Races both abilities.
     *
     * @throws StoreException where the store cannot be reached or the bucket not be written, of which nothing follows about its
     *     abilities
     */
    public Result run() throws InterruptedException {
        List<String> written = new ArrayList<>();
        try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
            return new Result(create(writers, written), replace(writers, written));
        } finally {
            store.delete(bucket, written);
        }
    }

    private Ability create(ExecutorService writers, List<String> written) throws InterruptedException {
        for (int round = 1; round <= rounds; round++) {
            String key = prefix + "create-" + round;
            written.add(key);
            String seen = race(writers, key, "created the same object", Precondition.ABSENT);
            if (seen != null) {
                return broken("If-None-Match: *", round, seen);
            }
        }
        return holds("If-None-Match: *");
    }

    private Ability replace(ExecutorService writers, List<String> written) throws InterruptedException {
        String key = prefix + "replace";
        written.add(key);
        String etag = store.put(bucket, key, bytes("first"), "text/plain", Precondition.NONE)
                .etag();
        for (int round = 1; round <= rounds; round++) {
            String seen = race(writers, key, "replaced the same version", new Precondition.Match(etag));
            if (seen != null) {
                return broken("If-Match", round, seen);
            }
            etag = store.head(bucket, key).orElseThrow().etag();
        }
        return holds("If-Match");
    }

    /** One race; returns null when it had exactly one winner, whose bytes are there, else what was seen. */
    private @Nullable String race(ExecutorService pool, String key, String did, Precondition precondition)
            throws InterruptedException {
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Outcome>> outcomes = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            String body = key + " by " + writer + " " + UUID.randomUUID();
            Callable<Outcome> write = () -> {
                start.await();
                return write(key, body, precondition);
            };
            outcomes.add(pool.submit(write));
        }
        start.countDown();
        List<String> winners = new ArrayList<>();
        List<String> unsettled = new ArrayList<>();
        for (Future<Outcome> future : outcomes) {
            switch (settled(future)) {
                case Outcome.Won(String body) -> winners.add(body);
                case Outcome.Unsettled(String body) -> unsettled.add(body);
                case Outcome.Lost _ -> {}
                case Outcome.Unsupported(String message) -> {
                    return message;
                }
            }
        }
        String there = read(key);
        if (winners.size() > 1) {
            return winners.size() + " of " + WRITERS + " writers " + did;
        }
        if (winners.isEmpty() ? !unsettled.contains(there) : !winners.getFirst().equals(there)) {
            return winners.isEmpty()
                    ? "none of " + WRITERS + " writers was let through"
                    : "one writer was told that it won, and another one's bytes are there";
        }
        return null;
    }

    private sealed interface Outcome {
        record Won(String body) implements Outcome {}

        record Lost() implements Outcome {}

        /** No reply: this one may have won. */
        record Unsettled(String body) implements Outcome {}

        record Unsupported(String message) implements Outcome {}
    }

    private Outcome write(String key, String body, Precondition precondition) {
        try {
            store.put(bucket, key, bytes(body), "text/plain", precondition);
            return new Outcome.Won(body);
        } catch (StoreException.PreconditionFailed e) {
            return new Outcome.Lost();
        } catch (StoreException.Unavailable e) {
            return new Outcome.Unsettled(body);
        } catch (StoreException.Refused e) {
            return new Outcome.Unsupported(String.valueOf(e.getMessage()));
        }
    }

    private static Outcome settled(Future<Outcome> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private String read(String key) {
        try (ObjectClient.ObjectBody body = store.get(bucket, key, ObjectClient.ReadOptions.ALL)) {
            return new String(body.stream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (StoreException.NoSuchKey e) {
            return "";
        } catch (IOException e) {
            throw new StoreException.Unavailable("reading " + key + " of the race probe: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    private Ability holds(String header) {
        return new Ability(true, header + " had exactly one winner in " + rounds + " races of " + WRITERS + " writers");
    }

    private static Ability broken(String header, int round, String seen) {
        return new Ability(
                false,
                header + " does not hold: in race " + round + " " + seen
                        + "; use a store with conditional writes (MinIO, RustFS, Amazon S3), and no cache in front of it");
    }
}
