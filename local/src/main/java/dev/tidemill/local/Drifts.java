package dev.tidemill.local;

import dev.tidemill.api.CompareData;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.DriftData;
import dev.tidemill.api.Json;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.dataflow.Drift;
import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.dataflow.HttpFunctionClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Compares the live data of Models with what they were trained on, once for each pair of profiles. */
final class Drifts {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

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
     * @throws UsageException if the profiler refuses
     */
    Optional<DriftData> look(
            Graph.Id id,
            Model model,
            Function<String, @Nullable DatasetStatus> statuses,
            @Nullable String trainedOn,
            URI profiler)
            throws InterruptedException {
        ModelSpec.Drift drift = Objects.requireNonNull(model.spec().drift());
        DatasetStatus live = statuses.apply(drift.dataset());
        if (live == null || live.profile() == null || live.profileRevision() == null || trainedOn == null) {
            return Optional.empty();
        }
        CompareData asked = new CompareData(
                id.namespace(),
                id.name(),
                model.spec().inputs(),
                drift.threshold(),
                drift.dataset(),
                live.profileRevision(),
                live.profile(),
                trainedOn);
        if (asked.equals(compared.put(id, asked))) {
            return Optional.empty();
        }
        return switch (client.call(profiler, Drift.question(asked), PATIENCE)) {
            case Reply.Result result -> Optional.of(read(result.body()));
            case Reply.Final(var failure) -> throw new UsageException(failure.message());
            case Reply.Transient other -> throw new UsageException(other.message());
            case Reply.TimedOut late -> throw new UsageException("no answer in " + late.after());
            case Reply.NoCapacity none -> throw new UsageException(none.message());
        };
    }

    private static DriftData read(byte[] json) {
        try {
            return Json.mapper().readValue(json, DriftData.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
