package dev.tidemill.operator.events;

import dev.tidemill.dataflow.Announcer;
import dev.tidemill.dataflow.FunctionClient.Event;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;

/**
 * Passes store events on to the brokers of namespaces, after the store has been answered: a few times each, and not more than a
 * bound at once, so that one broker that hangs holds up neither the store nor another namespace. What is given up is counted and
 * lost to Triggers; Datasets do not depend on it.
 */
public final class Forwarder implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Forwarder.class);
    private static final int WAITING = 1_000;
    private static final int ATTEMPTS = 6;

    private final Announcer brokers;
    private final Duration pause;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Semaphore> places = new ConcurrentHashMap<>();
    private final Counter forwarded = Metric.FORWARDED.of();
    private final Counter dropped = Metric.DROPPED.of();

    /** @param pause after the first attempt, doubled after each further one */
    public Forwarder(Announcer brokers, Duration pause) {
        this.brokers = brokers;
        this.pause = pause;
    }

    /** Takes it on, and returns at once. */
    public void forward(String namespace, Event event) {
        var room = places.computeIfAbsent(namespace, _ -> new Semaphore(WAITING));
        if (!room.tryAcquire()) {
            drop(namespace, event, WAITING + " events wait for its broker already");
            return;
        }
        threads.execute(() -> {
            try {
                deliver(namespace, event);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                room.release();
            }
        });
    }

    private void deliver(String namespace, Event event) throws InterruptedException {
        var message = "";
        for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (attempt > 0) {
                Thread.sleep(pause.multipliedBy(1L << (attempt - 1)));
            }
            try {
                brokers.announce(namespace, event);
                forwarded.increment();
                return;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                message = String.valueOf(e.getMessage());
            }
        }
        drop(namespace, event, message);
    }

    private void drop(String namespace, Event event, String why) {
        dropped.increment();
        LOG.warnf(
                "store event %s of %s did not reach the broker of namespace %s: %s",
                event.id(), event.subject(), namespace, why);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
