package dev.tidemill.local.broker;

import dev.tidemill.dataflow.FunctionClient;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands each event to every subscription that wants it, at least once: tried again with exponential backoff and full jitter, and
 * after {@value #TRIES} tries given to the dead letters. A function's reply that is an event is published in turn. Like the
 * cluster's default broker it forgets on a crash, which loses nothing: events are hints.
 */
public final class Broker implements AutoCloseable {

    /** As in the Triggers that the operator writes. */
    static final int TRIES = 6;

    /** An event that has been through this many functions is in a loop. */
    static final int HOPS = 16;

    static final String HOPS_ATTRIBUTE = "tidemillhops";

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

    /**
     * An event that a subscriber did not take.
     *
     * @param why the last answer
     */
    public record DeadLetter(Instant at, String namespace, String subscription, String why, Event event) {}

    private final FunctionClient client;
    private final Consumer<DeadLetter> deadLetters;
    private final BiConsumer<Subscription, Reply.Result> delivered;

    /** Deliveries in progress, and this one who waits for none. */
    private final Phaser inProgress = new Phaser(1);

    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private final ExecutorService deliveries = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * @param deadLetters told of each event that a subscription did not take
     * @param delivered told of each that one did, and of its reply
     */
    public Broker(
            FunctionClient client, Consumer<DeadLetter> deadLetters, BiConsumer<Subscription, Reply.Result> delivered) {
        this.client = client;
        this.deadLetters = deadLetters;
        this.delivered = delivered;
    }

    public void subscribe(Subscription subscription) {
        subscriptions.add(subscription);
    }

    /** Takes them out again. */
    public void unsubscribe(Collection<Subscription> gone) {
        subscriptions.removeAll(gone);
    }

    /** Takes an event; the deliveries go on after this returns. */
    public void publish(String namespace, String broker, Event event) {
        for (Subscription subscription : subscriptions) {
            if (subscription.namespace().equals(namespace)
                    && subscription.broker().equals(broker)
                    && subscription.wants(event)) {
                begin(subscription, event);
            }
        }
    }

    /** Delivers an event again, to the one that did not take it; false if nobody of that name is here any more. */
    public boolean redeliver(DeadLetter letter) {
        Optional<Subscription> wanted = subscriptions.stream()
                .filter(subscription -> subscription.namespace().equals(letter.namespace())
                        && subscription.name().equals(letter.subscription()))
                .findFirst();
        wanted.ifPresent(subscription -> begin(subscription, letter.event()));
        return wanted.isPresent();
    }

    /** Waits until every delivery, and those that came of replies, is done. */
    public void awaitIdle() {
        inProgress.arriveAndAwaitAdvance();
    }

    private void begin(Subscription subscription, Event event) {
        inProgress.register();
        deliveries.execute(() -> {
            try {
                deliver(subscription, event);
            } finally {
                inProgress.arriveAndDeregister();
            }
        });
    }

    private void deliver(Subscription subscription, Event event) {
        String why = "";
        try {
            for (int attempt = 1; attempt <= TRIES; attempt++) {
                switch (client.call(subscription.subscriber().get(), event, subscription.timeout())) {
                    case Reply.Result result -> {
                        delivered.accept(subscription, result);
                        publishReply(subscription, event, result);
                        return;
                    }
                    case Reply.Final refused -> {
                        die(
                                subscription,
                                refused.failure().reason() + ": "
                                        + refused.failure().message(),
                                event);
                        return;
                    }
                    case Reply.Transient failed -> why = failed.message();
                    case Reply.TimedOut late -> why = "no answer within " + late.after();
                    case Reply.NoCapacity none -> why = none.message();
                }
                Thread.sleep(ThreadLocalRandom.current().nextLong(FIRST_PAUSE.toMillis() << attempt));
            }
            die(subscription, why, event);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // A subscriber that cannot be started, say: the event must not be lost without a word.
            die(subscription, String.valueOf(e.getMessage()), event);
        }
    }

    private void die(Subscription subscription, String why, Event event) {
        deadLetters.accept(new DeadLetter(Instant.now(), subscription.namespace(), subscription.name(), why, event));
    }

    private void publishReply(Subscription subscription, Event cause, Reply.Result result) {
        String type = result.type();
        if (type == null) {
            return;
        }
        int hops = hops(cause) + 1;
        Map<String, String> extensions = new HashMap<>();
        extensions.put(HOPS_ATTRIBUTE, Integer.toString(hops));
        copy("traceparent", cause, extensions);
        Event reply = new Event(
                cause.id() + "/" + subscription.name(),
                subscription.name(),
                type,
                cause.subject(),
                result.contentType(),
                extensions,
                result.body());
        if (hops > HOPS) {
            die(subscription, "the event went through " + HOPS + " functions: a loop", reply);
        } else {
            publish(subscription.namespace(), subscription.broker(), reply);
        }
    }

    private static int hops(Event event) {
        String hops = event.extensions().get(HOPS_ATTRIBUTE);
        return hops != null && hops.matches("[0-9]{1,4}") ? Integer.parseInt(hops) : 0;
    }

    private static void copy(String attribute, Event from, Map<String, String> to) {
        @Nullable String value = from.extensions().get(attribute);
        if (value != null) {
            to.put(attribute, value);
        }
    }

    /** Ends deliveries in progress. */
    @Override
    public void close() {
        deliveries.shutdownNow();
    }
}
