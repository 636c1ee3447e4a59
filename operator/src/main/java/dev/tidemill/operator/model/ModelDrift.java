package dev.tidemill.operator.model;

import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.dataflow.Drift;
import dev.tidemill.operator.dataset.Trainings;
import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a Model's status tells of its live data. */
final class ModelDrift {

    private final DriftWatch drifts;
    private final Trainings trainings;

    ModelDrift(DriftWatch drifts, Trainings trainings) {
        this.drifts = drifts;
        this.trainings = trainings;
    }

    /** @param failed whether it could not be found out, and is to be tried again */
    record Told(Verdict verdict, boolean failed) {}

    /**
     * Empty for a Model whose live data is not looked at.
     *
     * @param made what its training has come to, or null
     * @param services finds the address of a Knative Service of its namespace
     */
    Optional<Told> of(ModelResource model, ModelStatus.@Nullable Made made, Function<String, Optional<URI>> services) {
        var drift = model.getSpec().drift();
        var look = drift == null ? null : look(model, drift, made, services).orElse(null);
        if (look == null) {
            drifts.forget(model);
        }
        if (drift == null) {
            return Optional.empty();
        }
        return Optional.of(
                switch (look) {
                    case null ->
                        new Told(Verdict.unknown(Drift.DRIFTED, "NothingToCompare", missing(model, drift)), false);
                    case DriftWatch.Look.Comparing _ -> new Told(before(model, drift), false);
                    case DriftWatch.Look.Failed failed ->
                        new Told(Verdict.unknown(Drift.DRIFTED, "NotCompared", failed.why()), true);
                    case DriftWatch.Look.Found found -> new Told(found.verdict(), false);
                });
    }

    private Optional<DriftWatch.Look> look(
            ModelResource model,
            ModelSpec.Drift drift,
            ModelStatus.@Nullable Made made,
            Function<String, Optional<URI>> services) {
        return trainings
                .find(model.namespace(), drift.dataset())
                .flatMap(live -> services.apply(Trainings.worker(live.getSpec().store())))
                .flatMap(worker -> Drift.due(
                                new Model(model.metadataRecord(), model.getSpec()),
                                name -> trainings.status(model.namespace(), name),
                                made == null ? null : made.profile())
                        .map(asked -> drifts.look(model, asked, worker)));
    }

    private String missing(ModelResource model, ModelSpec.Drift drift) {
        return Stream.of(drift.dataset(), drift.baseline())
                .filter(Objects::nonNull)
                .filter(name -> trainings.find(model.namespace(), name).isEmpty())
                .findFirst()
                .map("dataset %s is not in this namespace: create it, or correct spec.drift"::formatted)
                .orElse("one of the two has no profile yet");
    }

    /** What was found of the profiles before those that are compared now. */
    private static Verdict before(ModelResource model, ModelSpec.Drift drift) {
        return model.conditions().stream()
                .filter(condition -> condition.type().equals(Drift.DRIFTED))
                .map(condition ->
                        new Verdict(condition.type(), condition.status(), condition.reason(), condition.message()))
                .findFirst()
                .orElseGet(() ->
                        Verdict.unknown(Drift.DRIFTED, "Comparing", "dataset " + drift.dataset() + " is looked at"));
    }
}
