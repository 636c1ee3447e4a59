package dev.tidemill.local;

import dev.tidemill.api.CompareData;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DriftData;
import dev.tidemill.api.Model;
import dev.tidemill.dataflow.Drift;
import dev.tidemill.dataflow.FunctionClient;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.local.broker.Broker;
import dev.tidemill.local.display.Display;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;

/** Has the live data of Models compared with what they were trained on, once for each pair of profiles, and tells of it. */
final class DriftWatch {

    private final FunctionClient client;
    private final Models models;
    private final Broker broker;
    private final Display display;
    private final Map<Graph.Id, CompareData> compared = new HashMap<>();

    DriftWatch(FunctionClient client, Models models, Broker broker, Display display) {
        this.client = client;
        this.models = models;
        this.broker = broker;
        this.display = display;
    }

    /** Compares what was committed since the last look; nothing waits for that. */
    void look(Datasets datasets, ModelTraining training, URI profiler) throws InterruptedException {
        for (Map.Entry<Graph.Id, Model> entry : models.declared().entrySet()) {
            Graph.Id id = entry.getKey();
            CompareData asked = Drift.due(
                            entry.getValue(),
                            name -> datasets.status(new Graph.Id(id.namespace(), name)),
                            training.profile(id))
                    .orElse(null);
            if (asked != null && !asked.equals(compared.put(id, asked))) {
                compare(id, asked, profiler);
            }
        }
    }

    private void compare(Graph.Id id, CompareData asked, URI profiler) throws InterruptedException {
        try {
            DriftData found = Drift.ask(client, profiler, asked);
            models.compared(id, asked, found);
            Verdict verdict = Drift.condition(found);
            display.note("model %s: %s %s: %s: %s"
                    .formatted(id.name(), verdict.type(), verdict.status(), verdict.reason(), verdict.message()));
            Drift.event(found).ifPresent(event -> broker.publish(found.namespace(), "default", event));
        } catch (Drift.NotComparedException e) {
            models.notCompared(id, String.valueOf(e.getMessage()));
            display.note("model %s: live data was not compared: %s".formatted(id.name(), e.getMessage()));
        }
    }
}
