package dev.tidemill.operator.model;

import dev.tidemill.api.CompareData;
import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DriftData;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.dataflow.Announcer;
import dev.tidemill.dataflow.Drift;
import dev.tidemill.dataflow.FunctionClient;
import dev.tidemill.operator.events.Metric;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.core.instrument.MultiGauge;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Has the live data of Models compared with what they were trained on, once for each pair of profiles, and tells of it by metrics and an
 * event. The condition is the truth and the event a hint: an operator that ends before a broker takes it sends it no more.
 */
public final class DriftWatch {

    private static final Logger LOG = Logger.getLogger(DriftWatch.class);
    private static final Duration AGAIN = Duration.ofSeconds(15);

    private final FunctionClient http;
    private final Announcer brokers;
    private final Map<ResourceID, Look> looks = new ConcurrentHashMap<>();
    private final List<Consumer<ResourceID>> listeners = new CopyOnWriteArrayList<>();
    private final MultiGauge psi = Metric.MODEL_DRIFT_PSI.gauge();
    private final MultiGauge ks = Metric.MODEL_DRIFT_KS.gauge();

    public DriftWatch(FunctionClient http, Announcer brokers) {
        this.http = http;
        this.brokers = brokers;
    }

    /** How far a comparison is. */
    sealed interface Look {
        CompareData asked();

        record Comparing(CompareData asked) implements Look {}

        record Failed(CompareData asked, String why) implements Look {}

        record Found(CompareData asked, Verdict verdict, ModelStatus.Drift drift) implements Look {}
    }

    /** Calls back with each Model of which something new has been found. */
    void onResult(Consumer<ResourceID> listener) {
        listeners.add(listener);
    }

    /** What has come of it; begins it, unless it was begun before, or is what a status tells that an earlier operator wrote. */
    Look look(ModelResource model, CompareData asked, URI profiler) {
        var id = ResourceID.fromResource(model);
        var before = looks.get(id);
        if (before != null && before.asked().equals(asked) && !(before instanceof Look.Failed)) {
            return before;
        }
        var written = before == null ? written(model, asked) : null;
        if (written != null) {
            keep(id, written);
            return written;
        }
        var begun = new Look.Comparing(asked);
        looks.put(id, begun);
        Thread.ofVirtual().name("compare " + id).start(() -> compare(id, begun, profiler));
        return begun;
    }

    private static Look.@Nullable Found written(ModelResource model, CompareData asked) {
        var status = model.getStatus();
        var drift = status == null ? null : status.drift();
        if (status == null || drift == null || !drift.answers(asked)) {
            return null;
        }
        return status.conditions().stream()
                .filter(condition -> condition.type().equals(Drift.DRIFTED)
                        && condition.status() != Condition.Status.Unknown
                        && Long.valueOf(model.generation()).equals(condition.observedGeneration()))
                .map(condition -> new Look.Found(
                        asked,
                        new Verdict(condition.type(), condition.status(), condition.reason(), condition.message()),
                        drift))
                .findFirst()
                .orElse(null);
    }

    private void compare(ResourceID id, Look.Comparing begun, URI profiler) {
        try {
            var found = Drift.ask(http, profiler, begun.asked());
            if (looks.get(id) != begun) {
                return;
            }
            keep(id, new Look.Found(begun.asked(), Drift.condition(found), ModelStatus.Drift.of(begun.asked(), found)));
            listeners.forEach(listener -> listener.accept(id));
            announce(id, begun.asked(), found);
        } catch (Drift.NotComparedException e) {
            looks.replace(id, begun, new Look.Failed(begun.asked(), String.valueOf(e.getMessage())));
            listeners.forEach(listener -> listener.accept(id));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void announce(ResourceID id, CompareData asked, DriftData found) throws InterruptedException {
        var event = Drift.event(found);
        while (event.isPresent()
                && looks.get(id) instanceof Look.Found newest
                && newest.asked().equals(asked)) {
            try {
                brokers.announce(found.namespace(), event.get());
                return;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                LOG.warnf("the drift of model %s is not announced yet: %s", id, e.getMessage());
                Thread.sleep(AGAIN);
            }
        }
    }

    /** What was found last, by this operator or an earlier one. */
    ModelStatus.@Nullable Drift found(ModelResource model) {
        if (looks.get(ResourceID.fromResource(model)) instanceof Look.Found found) {
            return found.drift();
        }
        return model.getStatus() == null ? null : model.getStatus().drift();
    }

    /** The Model is compared no more. */
    void forget(ModelResource model) {
        if (looks.remove(ResourceID.fromResource(model)) != null) {
            measure();
        }
    }

    private void keep(ResourceID id, Look.Found found) {
        looks.put(id, found);
        measure();
    }

    private synchronized void measure() {
        var rows = new ArrayList<MultiGauge.Row<Number>>();
        var ordered = new ArrayList<MultiGauge.Row<Number>>();
        looks.forEach((id, look) -> {
            if (look instanceof Look.Found(var _, var _, var drift)) {
                for (var column : drift.columns()) {
                    String[] labels = {id.getNamespace().orElse(""), id.getName(), column.name()};
                    rows.add(Metric.MODEL_DRIFT_PSI.row(Double.parseDouble(column.psi()), labels));
                    if (column.ks() != null) {
                        ordered.add(Metric.MODEL_DRIFT_KS.row(Double.parseDouble(column.ks()), labels));
                    }
                }
            }
        });
        psi.register(rows, true);
        ks.register(ordered, true);
    }
}
