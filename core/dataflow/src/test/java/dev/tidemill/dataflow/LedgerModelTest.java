package dev.tidemill.dataflow;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Plays random histories over a store in memory: objects come, change and go while slices list and call, replies are lost, writes
 * fail, reads are late, two materializers work at once, and processes die before or after any single operation on the store. Then
 * the world is left alone, and what is committed must be what an undisturbed run makes of the input as it is then.
 *
 * <p>It was seen to fail, within a few thousand histories, with each of these faults put into the code:
 *
 * <ul>
 *   <li>a result is kept without a look at its objects
 *   <li>{@code current.json} is replaced without a condition
 *   <li>condemned parts count as present
 *   <li>segments that an earlier commit of the same slice condemned are shared
 *   <li>what is still referred to is condemned with what is not
 *   <li>the planned input is committed, not the consumed one
 *   <li>changed objects are not noticed
 *   <li>existing parts are not looked for
 *   <li>orphans are not looked for
 *   <li>names of parts without the nonce of their plan
 *   <li>a whole that failed counts beside its halves
 *   <li>the list of garbage shares a segment that it lists itself
 *   <li>a plan that failed keeps a later run from looking at the input
 * </ul>
 *
 * <p>{@code -Dtidemill.model.schedules} sets how many, {@code -Dtidemill.model.seed} where to begin; a failure names the seed that
 * plays it alone.
 */
class LedgerModelTest {

    private static final int SCHEDULES = Integer.getInteger("tidemill.model.schedules", 100_000);
    private static final long SEED = Long.getLong("tidemill.model.seed", 1);

    @Test
    void whateverHappensTheResultIsThatOfAnUndisturbedRun() throws Exception {
        AtomicLong next = new AtomicLong();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                workers.add(threads.submit(() -> {
                    for (long n = next.getAndIncrement(); n < SCHEDULES; n = next.getAndIncrement()) {
                        play(SEED + n);
                    }
                    return null;
                }));
            }
            try {
                for (Future<?> worker : workers) {
                    worker.get();
                }
            } finally {
                next.set(SCHEDULES);
            }
        }
    }

    private static void play(long seed) {
        ModelSchedule schedule = new ModelSchedule(seed);
        try {
            schedule.play();
        } catch (Throwable e) {
            throw new AssertionError(
                    "-Dtidemill.model.schedules=1 -Dtidemill.model.seed=" + seed + ": " + e.getMessage() + "\n  "
                            + String.join("\n  ", schedule.story()),
                    e);
        }
    }
}
