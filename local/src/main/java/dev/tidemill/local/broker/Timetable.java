package dev.tidemill.local.broker;

import dev.tidemill.dataflow.FunctionClient.Event;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Sends an event when a schedule is due, as a cluster's PingSource does. What was missed while the machine slept comes once.
 */
public final class Timetable implements AutoCloseable {

    /** The type of the events. */
    public static final String TYPE = "dev.knative.sources.ping";

    private static final Duration LOOK = Duration.ofMillis(500);

    /** Nobody waits for what was missed longer ago. */
    private static final Duration LONGEST_SLEEP = Duration.ofDays(1);

    /** A schedule among the events of a function. */
    public record Entry(String namespace, String function, String event, Cron cron) {}

    private final InstantSource clock;
    private final Broker broker;
    private final Map<String, List<Entry>> entries = new ConcurrentHashMap<>();
    private final Thread thread;
    private Instant looked;

    /** Starts. */
    public Timetable(InstantSource clock, Broker broker) {
        this.clock = clock;
        this.broker = broker;
        this.looked = clock.instant();
        this.thread = Thread.ofVirtual().name("timetable").start(this::run);
    }

    /** Takes the place of what this owner had before. */
    public void put(String owner, List<Entry> schedules) {
        entries.put(owner, List.copyOf(schedules));
    }

    public boolean isEmpty() {
        return entries.values().stream().allMatch(List::isEmpty);
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(LOOK);
                Instant now = clock.instant();
                entries.values().stream()
                        .flatMap(List::stream)
                        .forEach(entry -> due(entry.cron(), looked, now).ifPresent(time -> send(entry, time)));
                looked = now;
            }
        } catch (InterruptedException _) {
            // The command ends.
        }
    }

    /** The last minute after {@code from} and up to {@code to} at which the schedule is due. */
    static Optional<Instant> due(Cron cron, Instant from, Instant to) {
        return Stream.iterate(
                        to.truncatedTo(ChronoUnit.MINUTES),
                        minute -> minute.isAfter(from) && minute.isAfter(to.minus(LONGEST_SLEEP)),
                        minute -> minute.minus(1, ChronoUnit.MINUTES))
                .filter(minute -> cron.isDue(minute.atZone(ZoneOffset.UTC)))
                .findFirst();
    }

    private void send(Entry entry, Instant time) {
        broker.publish(
                entry.namespace(),
                "default",
                new Event(
                        UUID.randomUUID().toString(),
                        source(entry.namespace(), entry.function(), entry.event()),
                        TYPE,
                        null,
                        "application/json",
                        Map.of("time", time.toString()),
                        "{\"name\":\"%s\"}".formatted(entry.event()).getBytes(StandardCharsets.UTF_8)));
    }

    /** The source of a schedule's events, after a PingSource's. */
    public static String source(String namespace, String function, String event) {
        return "/apis/v1/namespaces/%s/pingsources/%s.%s".formatted(namespace, function, event);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
