package dev.tidemill.operator.model;

import dev.tidemill.api.Access;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.NotYetSupported;
import dev.tidemill.operator.OperatorConfig.ModelImages;
import dev.tidemill.operator.dataset.DataLocation;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.operator.store.Opening;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** What is to be done for a Model, decided from what is there. */
sealed interface ModelPlan {

    /** Nothing, until somebody mends what the verdict says. */
    record Refuse(Verdict verdict) implements ModelPlan {}

    /**
     * Serve it.
     *
     * @param store where the artifact lies
     * @param openings what its credentials open: the artifact's folder, and input and output of the Datasets that it computes
     */
    record Deploy(String store, List<Opening> openings) implements ModelPlan {}

    String DECLARED = "Accepted";

    /**
     * Decides.
     *
     * @param datasets all of the namespace, by name
     * @param stores finds a store that works
     * @param grants of a store for the namespace
     */
    static ModelPlan of(
            String name,
            ModelSpec spec,
            Map<String, DatasetSpec> datasets,
            ModelImages images,
            Function<String, Optional<OpenStore>> stores,
            BiFunction<OpenStore, String, Grants> grants) {
        var unsupported = NotYetSupported.check(new Model(Metadata.named(null, name), spec));
        if (!unsupported.isEmpty()) {
            return refuse(NotYetSupported.REASON, unsupported.getFirst().toString());
        }
        if (spec.accelerator() != null && spec.format() != ModelSpec.Format.PyTorch) {
            return refuse(
                    NotYetSupported.REASON,
                    "an accelerator computes PyTorch only; leave spec.accelerator out for " + spec.format());
        }
        if (images.of(spec.accelerator()).isEmpty()) {
            return refuse(
                    "ImageMissing",
                    spec.accelerator() == null
                            ? "this installation names no image of the model server: set TIDEMILL_MODEL_IMAGE of the operator"
                            : "this installation names no image of the model server with CUDA: set TIDEMILL_MODEL_GPU_IMAGE of the operator");
        }
        var source = Objects.requireNonNull(spec.source(), "NotYetSupported refuses train");
        var store = stores.apply(source.store());
        if (store.isEmpty()) {
            return refuse(
                    "StoreNotReady",
                    "ObjectStore %s is not there or not ready: kubectl describe objectstore %s"
                            .formatted(source.store(), source.store()));
        }
        var granted = grants.apply(store.get(), source.store());
        var artifact = artifact(source);
        var refusal = granted.refusal(List.of(artifact));
        if (refusal.isPresent()) {
            return refuse("NotGranted", refusal.get());
        }
        var openings = new ArrayList<>(List.of(artifact));
        // What a Dataset may not use is its own refusal; here it is only left shut.
        datasets.values().stream()
                .filter(dataset ->
                        dataset.from() != null && name.equals(dataset.from().model()))
                .flatMap(dataset -> ofDataset(dataset, datasets).stream())
                .filter(opening -> granted.refusal(List.of(opening)).isEmpty())
                .forEach(openings::add);
        return new Deploy(source.store(), List.copyOf(openings));
    }

    /** Grants are of folders. */
    private static Opening artifact(ModelSpec.Source source) {
        return new Opening(
                source.bucket(), source.key().substring(0, source.key().lastIndexOf('/') + 1), Access.Read);
    }

    private static List<Opening> ofDataset(DatasetSpec dataset, Map<String, DatasetSpec> datasets) {
        var from = dataset.from();
        var parent = from == null ? null : datasets.get(from.dataset());
        var openings = new ArrayList<Opening>();
        if (parent != null) {
            DataLocation.of(parent, Access.Read).ifPresent(openings::add);
        }
        DataLocation.of(dataset, Access.ReadWrite).ifPresent(openings::add);
        return openings;
    }

    private static Refuse refuse(String reason, String message) {
        return new Refuse(Verdict.no(DECLARED, reason, message));
    }
}
