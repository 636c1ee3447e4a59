package dev.tidemill.local;

import dev.tidemill.api.Function;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.local.broker.Cron;
import dev.tidemill.local.broker.Subscription;
import dev.tidemill.local.broker.Timetable;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** The Triggers and the schedules of a function on this machine's broker. */
final class Subscriptions {

    /** A function that ends a call at its timeout says so itself, and is heard. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private Subscriptions() {}

    static List<Subscription> of(Function function, Supplier<URI> url) {
        String namespace = ResourceBook.namespace(function);
        String name = function.metadata().name();
        return function.spec().events().stream()
                .map(event -> new Subscription(
                        name + "-" + event.name(),
                        namespace,
                        event.broker() == null ? "default" : event.broker(),
                        event.schedule() == null
                                ? event.filter()
                                : Map.of(
                                        "type",
                                        Timetable.TYPE,
                                        "source",
                                        Timetable.source(namespace, name, event.name())),
                        event.filters(),
                        Objects.requireNonNullElse(event.detail(), Map.of()),
                        url,
                        patience(function)))
                .toList();
    }

    /**
     * When it is called by the clock.
     *
     * @throws UsageException if a schedule cannot be read
     */
    static List<Timetable.Entry> schedules(Function function) {
        return function.spec().events().stream()
                .filter(event -> event.schedule() != null)
                .map(event -> new Timetable.Entry(
                        ResourceBook.namespace(function), function.metadata().name(), event.name(), cron(event)))
                .toList();
    }

    private static Cron cron(FunctionSpec.EventSource event) {
        try {
            return Cron.parse(Objects.requireNonNull(event.schedule()));
        } catch (IllegalArgumentException e) {
            throw new UsageException("spec.events %s: %s".formatted(event.name(), e.getMessage()));
        }
    }

    /** How long to wait for an answer. */
    static Duration patience(Function function) {
        return function.spec().timeout().duration().plus(GRACE);
    }
}
