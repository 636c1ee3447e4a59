package dev.tidemill.functions.model.batch;

import dev.tidemill.functions.model.graph.Graph;
import dev.tidemill.functions.model.graph.GraphException;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Joins requests that wait into one inference and hands each its own rows back. A request waits until its batch is full, or until it
 * is {@code maxDelay} old, and then until a worker is free; what comes in meanwhile is joined. Requests of different shapes never share an inference, and none overtakes another of its shape.
 */
public final class Batcher implements AutoCloseable {

    /**
     * @param maxSize rows in one inference; a request that has more runs by itself, and 1 joins none
     * @param maxDelay how long a request waits for others
     * @param workers inferences at once
     * @param waiting requests that may wait
     * @param waitingBytes how much their tensors may take
     */
    public record Limits(int maxSize, Duration maxDelay, int workers, int waiting, long waitingBytes) {}

    /**
     * What has been done and what waits.
     *
     * @param batches runs of the graph, those that failed among them
     * @param nanos that they took
     */
    public record Counts(long batches, long rows, long nanos, int waiting) {}

    /** There is more to do than can wait; try again. */
    public static final class BusyException extends RuntimeException {
        @java.io.Serial
        private static final long serialVersionUID = 1;

        BusyException(String message) {
            super(message, null, false, false);
        }
    }

    private record Request(List<Tensor> inputs, long rows, long bytes, long since, CompletableFuture<Lease> reply) {}

    private final Graph graph;
    private final Limits limits;
    private final long delay;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    /** Requests by shape class, the class that waits longest first. */
    private final Map<ShapeClass, ArrayDeque<Request>> queues = new LinkedHashMap<>();

    private final List<Thread> threads = new ArrayList<>();
    private final LongAdder batches = new LongAdder();
    private final LongAdder rows = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private int waiting;
    private long waitingBytes;
    private boolean closed;

    public Batcher(Graph graph, Limits limits) {
        this.graph = graph;
        this.limits = limits;
        this.delay = limits.maxDelay().toNanos();
        for (int i = 0; i < limits.workers(); i++) {
            threads.add(Thread.ofVirtual().name("inference-" + i).start(this::work));
        }
    }

    /**
     * Computes as soon as it can be done; cancelling the reply takes a request that still waits out.
     *
     * @throws BusyException at once, when too much waits already
     */
    public CompletableFuture<Lease> submit(List<Tensor> inputs) {
        long bytes = 0;
        for (Tensor input : inputs) {
            bytes += input.data().limit();
        }
        Request request =
                new Request(inputs, inputs.getFirst().rows(), bytes, System.nanoTime(), new CompletableFuture<>());
        lock.lock();
        try {
            if (closed
                    || waiting >= limits.waiting()
                    || (waiting > 0 && waitingBytes + bytes > limits.waitingBytes())) {
                throw new BusyException(
                        closed
                                ? "the server is going down"
                                : "%d requests of %d bytes wait already: try again".formatted(waiting, waitingBytes));
            }
            queues.computeIfAbsent(ShapeClass.of(inputs), _ -> new ArrayDeque<>())
                    .add(request);
            waiting++;
            waitingBytes += bytes;
            work.signal();
        } finally {
            lock.unlock();
        }
        request.reply().whenComplete((_, _) -> {
            if (request.reply().isCancelled()) {
                forget(request);
            }
        });
        return request.reply();
    }

    /** So that it does not count among those that wait; unless a worker has taken it. */
    private void forget(Request request) {
        lock.lock();
        try {
            ShapeClass shape = ShapeClass.of(request.inputs());
            ArrayDeque<Request> queue = queues.get(shape);
            if (queue != null && queue.removeIf(other -> other == request)) {
                waiting--;
                waitingBytes -= request.bytes();
                if (queue.isEmpty()) {
                    queues.remove(shape);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        try {
            while (true) {
                run(take());
            }
        } catch (InterruptedException _) {
            // The server goes down.
        }
    }

    /** The next batch: of the class whose first request has waited longest, among those that need not wait any more. */
    private List<Request> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                long now = System.nanoTime();
                long soonest = Long.MAX_VALUE;
                for (Iterator<ArrayDeque<Request>> each = queues.values().iterator(); each.hasNext(); ) {
                    ArrayDeque<Request> queue = each.next();
                    long rest = rest(queue, now);
                    if (rest <= 0) {
                        List<Request> batch = fill(queue);
                        each.remove();
                        if (!queue.isEmpty()) {
                            queues.put(ShapeClass.of(queue.peek().inputs()), queue);
                        }
                        if (waiting > 0) {
                            work.signal();
                        }
                        return batch;
                    }
                    soonest = Math.min(soonest, rest);
                }
                if (soonest == Long.MAX_VALUE) {
                    work.await();
                } else {
                    work.awaitNanos(soonest);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** How long the queue's first request may still wait for others. */
    private long rest(ArrayDeque<Request> queue, long now) {
        if (delay == 0 || limits.maxSize() == 1) {
            return 0;
        }
        long rows = 0;
        for (Request request : queue) {
            rows += request.rows();
            if (rows >= limits.maxSize()) {
                return 0;
            }
        }
        return delay - (now - queue.element().since());
    }

    private List<Request> fill(ArrayDeque<Request> queue) {
        List<Request> batch = new ArrayList<>();
        long rows = 0;
        for (Request next = queue.peek(); next != null; next = queue.peek()) {
            if (!batch.isEmpty() && rows + next.rows() > limits.maxSize()) {
                break;
            }
            queue.remove();
            waiting--;
            waitingBytes -= next.bytes();
            if (!next.reply().isDone()) {
                batch.add(next);
                rows += next.rows();
            }
            if (limits.maxSize() == 1) {
                break;
            }
        }
        return batch;
    }

    /** Runs a batch; where it fails, its halves, until what is at fault stands alone. */
    private void run(List<Request> batch) {
        if (batch.isEmpty()) {
            return;
        }
        List<Lease> replies;
        try {
            replies = batch.size() == 1 ? List.of(counted(batch.getFirst().inputs())) : joined(batch);
        } catch (Throwable failure) {
            if (batch.size() > 1 && graph.alive() && !(failure instanceof OutOfMemoryError)) {
                run(batch.subList(0, batch.size() / 2));
                run(batch.subList(batch.size() / 2, batch.size()));
            } else {
                batch.forEach(request -> request.reply().completeExceptionally(inWords(failure)));
            }
            return;
        }
        for (int i = 0; i < replies.size(); i++) {
            if (!batch.get(i).reply().complete(replies.get(i))) {
                replies.get(i).close();
            }
        }
    }

    private List<Lease> joined(List<Request> batch) {
        Lease outputs;
        try (Lease inputs = Rows.join(inputs(batch), graph.memory())) {
            outputs = counted(inputs);
        }
        try {
            return Rows.part(outputs, rows(batch));
        } catch (GraphException e) {
            outputs.close();
            throw e;
        }
    }

    private Lease counted(List<Tensor> inputs) {
        long began = System.nanoTime();
        try {
            return graph.run(inputs);
        } finally {
            batches.increment();
            rows.add(inputs.getFirst().rows());
            nanos.add(System.nanoTime() - began);
        }
    }

    private static Throwable inWords(Throwable failure) {
        return failure instanceof GraphException || failure.getMessage() != null
                ? failure
                : new GraphException(failure.toString(), failure);
    }

    private static List<List<Tensor>> inputs(List<Request> batch) {
        return batch.stream().map(Request::inputs).toList();
    }

    private static long[] rows(List<Request> batch) {
        return batch.stream().mapToLong(Request::rows).toArray();
    }

    /** What was done so far. */
    public Counts counts() {
        lock.lock();
        try {
            return new Counts(batches.sum(), rows.sum(), nanos.sum(), waiting);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the workers after what they are at, and fails what waits. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            queues.values()
                    .forEach(queue -> queue.forEach(request ->
                            request.reply().completeExceptionally(new BusyException("the server is going down"))));
            queues.clear();
        } finally {
            lock.unlock();
        }
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The dimensions behind the rows, of all inputs. */
    private record ShapeClass(List<Long> dimensions) {
        static ShapeClass of(List<Tensor> inputs) {
            List<Long> dimensions = new ArrayList<>();
            for (Tensor input : inputs) {
                dimensions.add((long) input.shape().length);
                for (int i = 1; i < input.shape().length; i++) {
                    dimensions.add(input.shape()[i]);
                }
            }
            return new ShapeClass(dimensions);
        }
    }
}
