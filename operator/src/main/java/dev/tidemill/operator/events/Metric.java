package dev.tidemill.operator.events;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Tag;
import java.util.List;
import java.util.stream.IntStream;

/** What the operator counts; {@code docs/reference/operator.md} says what each is. */
enum Metric {
    RECEIVED("tidemill.store.events.received", "store"),
    FORWARDED("tidemill.store.events.forwarded"),
    DROPPED("tidemill.store.events.dropped"),
    DEAD_LETTERS("tidemill.dead.letters", "namespace", "function");

    private final String id;
    private final List<String> labels;

    Metric(String id, String... labels) {
        this.id = id;
        this.labels = List.of(labels);
    }

    List<String> labels() {
        return labels;
    }

    /** @param values of the labels, in their order */
    Counter of(String... values) {
        return Metrics.counter(
                id,
                IntStream.range(0, labels.size())
                        .mapToObj(i -> Tag.of(labels.get(i), values[i]))
                        .toList());
    }
}
