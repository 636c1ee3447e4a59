package dev.tidemill.operator.events;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.stream.IntStream;

/** What the operator counts and measures; {@code docs/reference/operator.md} says what each is. */
public enum Metric {
    RECEIVED(false, "tidemill.store.events.received", "store"),
    FORWARDED(false, "tidemill.store.events.forwarded"),
    DROPPED(false, "tidemill.store.events.dropped"),
    DEAD_LETTERS(false, "tidemill.dead.letters", "namespace", "function"),
    MODEL_DRIFT_PSI(true, "tidemill.model.drift.psi", "namespace", "model", "column"),
    MODEL_DRIFT_KS(true, "tidemill.model.drift.ks", "namespace", "model", "column");

    private final boolean measured;
    private final String id;
    private final List<String> labels;

    Metric(boolean measured, String id, String... labels) {
        this.measured = measured;
        this.id = id;
        this.labels = List.of(labels);
    }

    List<String> labels() {
        return labels;
    }

    /** Whether it is a gauge; all else are counters. */
    boolean isMeasured() {
        return measured;
    }

    /** @param values of the labels, in their order */
    Counter of(String... values) {
        return Metrics.counter(id, tags(values));
    }

    /** The gauge, once: its {@link #row}s are registered together. */
    public MultiGauge gauge() {
        return MultiGauge.builder(id).register(Metrics.globalRegistry);
    }

    /** @param values of the labels, in their order */
    public MultiGauge.Row<Number> row(double value, String... values) {
        return MultiGauge.Row.of(Tags.of(tags(values)), value);
    }

    private List<Tag> tags(String... values) {
        return IntStream.range(0, labels.size())
                .mapToObj(i -> Tag.of(labels.get(i), values[i]))
                .toList();
    }
}
