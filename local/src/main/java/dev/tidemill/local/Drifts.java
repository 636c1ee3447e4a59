package dev.tidemill.local;

import dev.tidemill.api.CompareData;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.DriftData;
import dev.tidemill.api.Model;
import dev.tidemill.dataflow.Drift;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.dataflow.HttpFunctionClient;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Compares the live data of Models with what they were trained on, once for each pair of profiles. */
final class Drifts {

    private final HttpFunctionClient client;
    private final Map<Graph.Id, Model> models = new ConcurrentHashMap<>();
    private final Map<Graph.Id, CompareData> compared = new ConcurrentHashMap<>();

    Drifts(HttpFunctionClient client) {
        this.client = client;
    }

    void declare(Graph.Id id, Model model) {
        if (model.spec().drift() == null) {
            models.remove(id);
        } else {
            models.put(id, model);
        }
    }

    Map<Graph.Id, Model> declared() {
        return Map.copyOf(models);
    }

    /**
     * What comes of comparing what is there now, if that is something new.
     *
     * @param statuses of Datasets
     * @param trainedOn the address of the profile of what the model was trained on, or null
     */
    Optional<DriftData> look(
            Graph.Id id,
            Model model,
            Function<String, @Nullable DatasetStatus> statuses,
            @Nullable String trainedOn,
            URI profiler)
            throws Drift.NotComparedException, InterruptedException {
        CompareData asked = Drift.due(model, statuses, trainedOn).orElse(null);
        if (asked == null) {
            return Optional.empty();
        }
        if (asked.equals(compared.put(id, asked))) {
            return Optional.empty();
        }
        return Optional.of(Drift.ask(client, profiler, asked));
    }
}
