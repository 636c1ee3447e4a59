package dev.tidemill.functions.model.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.graph.Graph;
import dev.tidemill.functions.model.graph.GraphException;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BatcherTest {

    /** Adds one; refuses a batch in which an element is below zero. Runs when the test lets it. */
    private static final class AddOne implements Graph {
        final AtomicInteger runs = new AtomicInteger();
        final AtomicLong mostRows = new AtomicLong();
        /** Rows of what is or was computed. */
        final List<Long> batches = new CopyOnWriteArrayList<>();
        /** Outputs that are not closed. */
        final AtomicInteger open = new AtomicInteger();

        final Semaphore begun = new Semaphore(0);
        final Semaphore allowed = new Semaphore(0);

        AddOne free() {
            allowed.release(1 << 20);
            return this;
        }

        @Override
        public Lease run(List<Tensor> inputs) {
            batches.add(inputs.getFirst().rows());
            begun.release();
            allowed.acquireUninterruptibly();
            runs.incrementAndGet();
            Tensor x = inputs.getFirst();
            mostRows.accumulateAndGet(x.rows(), Math::max);
            float[] values = Models.floats(x);
            for (int i = 0; i < values.length; i++) {
                if (values[i] < 0) {
                    throw new GraphException(values[i] + " is below zero", null);
                }
                values[i]++;
            }
            open.incrementAndGet();
            return new Lease(List.of(Models.floats("y", x.shape(), values)), open::decrementAndGet);
        }

        @Override
        public String device() {
            return "cpu";
        }

        @Override
        public String platform() {
            return "test";
        }

        @Override
        public void close() {}
    }

    private static Batcher.Limits limits(int maxSize, Duration delay) {
        return new Batcher.Limits(maxSize, delay, 1, 4_096, 1 << 30);
    }

    private static List<Tensor> row(int width, float... values) {
        return List.of(Models.floats("x", new long[] {values.length / width, width}, values));
    }

    @Test
    void aThousandConcurrentRequestsOfMixedShapesGetTheirOwnRowsBack() throws InterruptedException {
        AddOne graph = new AddOne().free();
        List<CompletableFuture<Lease>> replies = new ArrayList<>();
        CountDownLatch begin = new CountDownLatch(1);
        try (Batcher batcher = new Batcher(graph, limits(32, Duration.ofMillis(2)));
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int id = 0; id < 1_000; id++) {
                float[] values = new float[(id % 5 + 1) * (id % 3 + 1)];
                java.util.Arrays.fill(values, id);
                int width = id % 3 + 1;
                CompletableFuture<Lease> reply = new CompletableFuture<>();
                replies.add(reply);
                clients.submit(() -> {
                    begin.await();
                    return batcher.submit(row(width, values)).whenComplete((given, failure) -> reply.complete(given));
                });
            }
            begin.countDown();
            for (int id = 0; id < 1_000; id++) {
                Tensor y = replies.get(id).join().getFirst();
                assertThat(y.shape()).containsExactly(id % 5 + 1, id % 3 + 1);
                assertThat(Models.floats(y))
                        .hasSize((id % 5 + 1) * (id % 3 + 1))
                        .containsOnly(id + 1);
            }
        }
        assertThat(graph.mostRows).hasValueLessThanOrEqualTo(32);
    }

    @Test
    void oneBadRowInSixtyFourFailsAlone() {
        AddOne graph = new AddOne();
        try (Batcher batcher = new Batcher(graph, limits(64, Duration.ZERO))) {
            CompletableFuture<Lease> first = batcher.submit(row(1, 7));
            graph.begun.acquireUninterruptibly();
            List<CompletableFuture<Lease>> replies = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                replies.add(batcher.submit(row(1, i == 41 ? -1 : i)));
            }
            graph.free();

            first.join();
            for (int i = 0; i < 64; i++) {
                if (i == 41) {
                    assertThatExceptionOfType(CompletionException.class)
                            .isThrownBy(replies.get(i)::join)
                            .withMessageContaining("-1.0 is below zero");
                } else {
                    assertThat(Models.floats(replies.get(i).join().getFirst())).containsExactly(i + 1);
                }
            }
            // The first alone, all 64, and two halves at each of six levels.
            assertThat(graph.runs).hasValue(1 + 1 + 12);
            assertThat(graph.mostRows).hasValue(64);
        }
    }

    @Test
    void whatWaitsIsJoinedAndOrderIsKept() {
        AddOne graph = new AddOne();
        List<Integer> order = new ArrayList<>();
        try (Batcher batcher = new Batcher(graph, limits(8, Duration.ZERO))) {
            List<CompletableFuture<?>> replies = new ArrayList<>();
            for (int i = 0; i < 17; i++) {
                int id = i;
                replies.add(batcher.submit(row(1, i)).thenRun(() -> order.add(id)));
            }
            graph.free();
            replies.forEach(CompletableFuture::join);
        }
        // The worker may have taken up to eight before the rest came, and then there are as many batches as rows need.
        assertThat(graph.runs.get()).isBetween(3, 4);
        assertThat(order).isSorted().hasSize(17);
    }

    @Test
    void aRequestLargerThanABatchRunsByItself() {
        AddOne graph = new AddOne().free();
        try (Batcher batcher = new Batcher(graph, limits(2, Duration.ZERO))) {
            assertThat(Models.floats(
                            batcher.submit(row(1, 1, 2, 3, 4, 5)).join().getFirst()))
                    .containsExactly(2, 3, 4, 5, 6);
        }
        assertThat(graph.mostRows).hasValue(5);
    }

    @Test
    void aFullBatchGoesToASecondWorkerWhileWhatCanBeJoinedWaits() {
        AddOne graph = new AddOne();
        try (Batcher batcher = new Batcher(graph, new Batcher.Limits(4, Duration.ZERO, 2, 100, 1 << 20))) {
            List<CompletableFuture<Lease>> replies = new ArrayList<>();
            replies.add(batcher.submit(row(1, 1)));
            graph.begun.acquireUninterruptibly();
            replies.add(batcher.submit(row(1, 2)));
            replies.add(batcher.submit(row(1, 3)));
            replies.add(batcher.submit(row(2, 1, 2, 3, 4, 5, 6, 7, 8)));
            graph.begun.acquireUninterruptibly();

            assertThat(graph.batches).containsExactly(1L, 4L);
            graph.free();
            replies.forEach(CompletableFuture::join);
        }
        assertThat(graph.batches).containsExactly(1L, 4L, 2L);
    }

    @Test
    void theMemoryOfABatchIsFreeWhenTheLastOfItsRepliesIsClosed() {
        AddOne graph = new AddOne();
        try (Batcher batcher = new Batcher(graph, limits(2, Duration.ZERO))) {
            CompletableFuture<Lease> before = batcher.submit(row(1, 0));
            graph.begun.acquireUninterruptibly();
            CompletableFuture<Lease> one = batcher.submit(row(1, 1));
            CompletableFuture<Lease> other = batcher.submit(row(1, 2));
            graph.free();

            before.join().close();
            one.join().close();
            one.join().close();
            assertThat(graph.open).hasValue(1);
            other.join().close();
            assertThat(graph.open).hasValue(0);
        }
        assertThat(graph.mostRows).hasValue(2);
    }

    @Test
    void whatNobodyWaitsForAnyMoreIsClosed() {
        AddOne graph = new AddOne();
        try (Batcher batcher = new Batcher(graph, limits(2, Duration.ZERO))) {
            CompletableFuture<Lease> gone = batcher.submit(row(1, 1));
            graph.begun.acquireUninterruptibly();
            gone.cancel(false);
            graph.free();
        }
        assertThat(graph.runs).hasValue(1);
        assertThat(graph.open).hasValue(0);
    }

    @Test
    void whenTooMuchWaitsTheNextIsTurnedAwayAtOnce() {
        AddOne graph = new AddOne();
        try (Batcher batcher = new Batcher(graph, new Batcher.Limits(1, Duration.ZERO, 1, 3, 1 << 20))) {
            List<CompletableFuture<Lease>> taken = new ArrayList<>();
            assertThatExceptionOfType(Batcher.BusyException.class).isThrownBy(() -> {
                for (int i = 0; i < 10; i++) {
                    taken.add(batcher.submit(row(1, i)));
                }
            });
            // Three wait, and the worker may hold one.
            assertThat(taken).hasSizeBetween(3, 4);
            graph.free();
            taken.forEach(CompletableFuture::join);
        }
    }

    @Test
    void aCancelledRequestThatStillWaitsIsNotComputed() {
        AddOne graph = new AddOne();
        try (Batcher batcher = new Batcher(graph, limits(1, Duration.ZERO))) {
            CompletableFuture<Lease> held = batcher.submit(row(1, 1));
            CompletableFuture<Lease> goneFirst = batcher.submit(row(1, 2));
            CompletableFuture<Lease> goneToo = batcher.submit(row(1, 3));
            CompletableFuture<Lease> last = batcher.submit(row(1, 4));
            goneFirst.cancel(false);
            goneToo.cancel(false);
            graph.free();

            held.join();
            assertThat(Models.floats(last.join().getFirst())).containsExactly(5);
        }
        assertThat(graph.runs).hasValue(2);
    }

    @Test
    void aCancelledRequestLeavesItsPlaceAtOnce() {
        AddOne graph = new AddOne();
        try (Batcher batcher = new Batcher(graph, new Batcher.Limits(1, Duration.ZERO, 1, 2, 1 << 20))) {
            batcher.submit(row(1, 0));
            graph.begun.acquireUninterruptibly();
            for (int i = 0; i < 10; i++) {
                CompletableFuture<Lease> one = batcher.submit(row(1, i));
                CompletableFuture<Lease> other = batcher.submit(row(2, i, i));
                one.cancel(false);
                other.cancel(false);
            }
            graph.free();
            assertThat(Models.floats(batcher.submit(row(1, 6)).join().getFirst()))
                    .containsExactly(7);
        }
        assertThat(graph.runs).hasValue(2);
    }
}
