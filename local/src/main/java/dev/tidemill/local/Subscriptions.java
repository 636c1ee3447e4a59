package dev.tidemill.local;

import dev.tidemill.api.Function;
import dev.tidemill.local.broker.Subscription;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** The Triggers of a function on this machine's broker. */
final class Subscriptions {

    /** A function that ends a call at its timeout says so itself, and is heard. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private Subscriptions() {}

    static List<Subscription> of(Function function, Supplier<URI> url) {
        return function.spec().events().stream()
                .filter(event -> event.schedule() == null)
                .map(event -> new Subscription(
                        function.metadata().name() + "-" + event.name(),
                        ResourceBook.namespace(function),
                        event.broker() == null ? "default" : event.broker(),
                        event.filter(),
                        event.filters(),
                        Objects.requireNonNullElse(event.detail(), Map.of()),
                        url,
                        patience(function)))
                .toList();
    }

    /** How long to wait for an answer. */
    static Duration patience(Function function) {
        return function.spec().timeout().duration().plus(GRACE);
    }
}
