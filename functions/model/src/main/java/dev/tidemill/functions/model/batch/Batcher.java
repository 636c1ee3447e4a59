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
 * is {@code maxDelay} old, and then until a worker is free; what comes in meanwhile is joined: a batch that is not full is the first worker's
 * alone. Requests of different shapes never share an inference, and those of one shape are begun in their order.
 */
public final class Batcher implements AutoCloseable {

    /**
     * @param maxSize rows in one inference; a request that has more runs by itself, and 1 joins none
     * @param maxDelay how long a request waits for others
     * @param workers inferences at once, all but one of them of full batches
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

    /** Requests of one shape class that wait. */
    private static final class Line {
        private final ArrayDeque<Request> requests = new ArrayDeque<>();
        private long rows;

        void add(Request request) {
            requests.add(request);
            rows += request.rows();
        }

        Request remove() {
            Request first = requests.remove();
            rows -= first.rows();
            return first;
        }

        boolean forget(Request request) {
            boolean waited = requests.removeIf(other -> other == request);
            rows -= waited ? request.rows() : 0;
            return waited;
        }
    }

    private record Request(List<Tensor> inputs, long rows, long bytes, long since, CompletableFuture<Lease> reply) {}

    private final Graph graph;
    private final Limits limits;
    private final long delay;
    private final ReentrantLock lock = new ReentrantLock();
    /** For the first worker: there is something to do. */
    private final Condition work = lock.newCondition();
    /** For the others: a batch is full. */
    private final Condition full = lock.newCondition();
    /** Requests by shape class, the class that waits longest first. */
    private final Map<ShapeClass, Line> lines = new LinkedHashMap<>();

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
            boolean first = i == 0;
            threads.add(Thread.ofVirtual().name("inference-" + i).start(() -> work(first)));
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
            Line line = lines.computeIfAbsent(ShapeClass.of(inputs), _ -> new Line());
            line.add(request);
            waiting++;
            waitingBytes += bytes;
            (isFull(line) && lock.hasWaiters(full) ? full : work).signal();
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
            Line line = lines.get(shape);
            if (line != null && line.forget(request)) {
                waiting--;
                waitingBytes -= request.bytes();
                if (line.requests.isEmpty()) {
                    lines.remove(shape);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void work(boolean first) {
        try {
            while (true) {
                run(take(first));
            }
        } catch (InterruptedException _) {
            // The server goes down.
        }
    }

    /** The next batch: of the class whose first request has waited longest, among those that need not wait any more for this worker. */
    private List<Request> take(boolean first) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                long now = System.nanoTime();
                long soonest = Long.MAX_VALUE;
                for (Iterator<Line> each = lines.values().iterator(); each.hasNext(); ) {
                    Line line = each.next();
                    long rest = rest(line, now, first);
                    if (rest <= 0) {
                        List<Request> batch = fill(line);
                        each.remove();
                        if (!line.requests.isEmpty()) {
                            lines.put(ShapeClass.of(line.requests.element().inputs()), line);
                        }
                        if (waiting > 0) {
                            work.signal();
                        }
                        return batch;
                    }
                    soonest = Math.min(soonest, rest);
                }
                if (!first) {
                    full.await();
                } else if (soonest == Long.MAX_VALUE) {
                    work.await();
                } else {
                    work.awaitNanos(soonest);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull(Line line) {
        return line.rows >= limits.maxSize();
    }

    /** How long the first request may still wait for others; for ever, where that is not this worker's. */
    private long rest(Line line, long now, boolean first) {
        if (isFull(line)) {
            return 0;
        }
        return first ? delay - (now - line.requests.element().since()) : Long.MAX_VALUE;
    }

    private List<Request> fill(Line line) {
        List<Request> batch = new ArrayList<>();
        long rows = 0;
        for (Request next = line.requests.peek(); next != null; next = line.requests.peek()) {
            if (!batch.isEmpty() && rows + next.rows() > limits.maxSize()) {
                break;
            }
            line.remove();
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
            lines.values()
                    .forEach(line -> line.requests.forEach(request ->
                            request.reply().completeExceptionally(new BusyException("the server is going down"))));
            lines.clear();
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
