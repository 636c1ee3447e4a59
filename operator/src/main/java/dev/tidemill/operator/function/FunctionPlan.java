package dev.tidemill.operator.function;

import dev.tidemill.api.Access;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.Function;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.FunctionSpec.Binding;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.NotYetSupported;
import dev.tidemill.api.NotYetSupported.Place;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.operator.KnativeFeatures;
import dev.tidemill.operator.KnativeFeatures.Features;
import dev.tidemill.operator.OperatorConfig.SidecarImages;
import dev.tidemill.operator.dataset.DataLocation;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.serving.ServingPlan;
import dev.tidemill.operator.serving.Surroundings;
import dev.tidemill.operator.store.Opening;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is to be done for a Function, decided from what is there. */
final class FunctionPlan {

    /** The longest that Knative lets a request take by default ({@code max-revision-timeout-seconds}). */
    static final Duration LONGEST = Duration.ofSeconds(600);

    private FunctionPlan() {}

    static ServingPlan of(
            String name, FunctionSpec spec, SidecarImages images, Features features, Surroundings surroundings) {
        var unsupported = NotYetSupported.check(new Function(Metadata.named(null, name), spec), Place.Cluster);
        if (!unsupported.isEmpty()) {
            return ServingPlan.notYetSupported(unsupported.getFirst());
        }
        if (spec.timeout().duration().compareTo(LONGEST) > 0) {
            return ServingPlan.refuse(
                    "TimeoutTooLong",
                    "spec.timeout %s is longer than the %d s that Knative allows a request: shorten it"
                            .formatted(spec.timeout(), LONGEST.toSeconds()));
        }
        if (spec.code() != null && spec.runtime() != FunctionSpec.Runtime.Lambda) {
            return ServingPlan.refuse(
                    NotYetSupported.REASON,
                    "spec.code is run by the bridge, and that is for Lambda: set spec.runtime to Lambda, or bring an image");
        }
        var lacking = features.refusal(spec.nodeSelector(), spec.tolerations(), spec.env());
        if (lacking.isPresent()) {
            return ServingPlan.refuse(KnativeFeatures.DISABLED, lacking.get());
        }
        var refusal = sidecars(spec, images, features);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        var declared = new LinkedHashMap<String, Opening>();
        for (var binding : spec.data()) {
            var dataset =
                    binding.dataset() == null ? null : surroundings.datasets().get(binding.dataset());
            if (binding.dataset() != null && dataset == null) {
                return ServingPlan.refuse(
                        "DatasetMissing",
                        "spec.data %s names the Dataset %s, which is not in this namespace: create it"
                                .formatted(binding.name(), binding.dataset()));
            }
            var opening = opening(binding, dataset);
            if (opening.isEmpty()) {
                return ServingPlan.refuse(
                        "NoObjects",
                        "spec.data %s names the Dataset %s, which is one value and has no objects: read its status.result"
                                .formatted(binding.name(), binding.dataset()));
            }
            declared.put(binding.name(), opening.get());
        }
        var opened = new ArrayList<>(declared.values());
        if (spec.code() != null) {
            opened.add(new Opening(spec.code().bucket(), spec.code().key(), Access.Read));
        }
        var named = stores(spec, surroundings.datasets());
        if (named.size() > 1) {
            return ServingPlan.refuse(
                    NotYetSupported.REASON,
                    "its data and code lie in several stores (%s): a function has the credentials of one"
                            .formatted(String.join(", ", named)));
        }
        var data = new LinkedHashMap<String, S3Prefix>();
        declared.forEach((binding, opening) -> data.put(binding, S3Prefix.of(opening.bucket(), opening.prefix())));
        return store(name, spec, surroundings.datasets())
                .map(store -> surroundings.deploy(
                        store,
                        opened,
                        _ -> opened,
                        surroundings.datasets().values().stream()
                                .filter(dataset -> computes(name, dataset)
                                        && dataset.store().equals(store))
                                .toList(),
                        data))
                .orElseGet(() -> new ServingPlan.Deploy(null, List.of(), data));
    }

    /**
     * The store that its keys are of: that of its data and code, else that of the first Dataset which it computes. Datasets of other
     * stores are refused.
     *
     * @param datasets of its namespace, by name, the oldest one first
     */
    static Optional<String> store(String name, FunctionSpec spec, Map<String, DatasetSpec> datasets) {
        return Stream.concat(
                        stores(spec, datasets).stream(),
                        datasets.values().stream()
                                .filter(dataset -> computes(name, dataset))
                                .map(DatasetSpec::store))
                .findFirst();
    }

    /** Whether it computes the Dataset, or reads it. */
    static boolean concerns(String name, FunctionSpec spec, DatasetResource dataset) {
        return computes(name, dataset.getSpec())
                || spec.data().stream().anyMatch(binding -> dataset.name().equals(binding.dataset()));
    }

    private static List<String> stores(FunctionSpec spec, Map<String, DatasetSpec> datasets) {
        return Stream.concat(
                        spec.data().stream()
                                .flatMap(binding -> binding.dataset() == null
                                        ? Stream.ofNullable(binding.store())
                                        : Stream.ofNullable(datasets.get(binding.dataset()))
                                                .map(DatasetSpec::store)),
                        Stream.ofNullable(spec.code()).map(FunctionSpec.Code::store))
                .distinct()
                .toList();
    }

    private static boolean computes(String name, DatasetSpec dataset) {
        var from = dataset.from();
        return from != null && (name.equals(from.function()) || name.equals(from.combineFunction()));
    }

    private static Optional<ServingPlan> sidecars(FunctionSpec spec, SidecarImages images, Features features) {
        var lambda = spec.runtime() == FunctionSpec.Runtime.Lambda;
        var forGate = images.gated() ? Optional.<String>empty() : needsGate(spec);
        if (forGate.isPresent()) {
            return Optional.of(ServingPlan.refuse(
                    "ImageMissing",
                    "this installation names no image of the gate, without which %s cannot be kept: set images.gate of the chart"
                            .formatted(forGate.get())));
        }
        if (!lambda && !images.gated()) {
            return Optional.empty();
        }
        if (lambda && images.lambda().isEmpty()) {
            return Optional.of(ServingPlan.refuse(
                    "ImageMissing",
                    "this installation names no image of the bridge for Lambda: set images.lambda of the chart"));
        }
        return features.disabled(KnativeFeatures.SEVERAL_CONTAINERS)
                ? Optional.of(
                        ServingPlan.refuse(
                                KnativeFeatures.DISABLED,
                                "its pods have several containers: enable multi-container in Knative Serving's ConfigMap config-features"))
                : Optional.empty();
    }

    /** The first field that the gate keeps; its image has the router too. */
    private static Optional<String> needsGate(FunctionSpec spec) {
        if (!spec.invokers().isEmpty()) {
            return Optional.of("spec.invokers");
        }
        return spec.path() != null
                ? Optional.of("spec.path")
                : spec.events().stream()
                        .filter(event -> event.detail() != null)
                        .map(event -> "spec.events %s with a detail".formatted(event.name()))
                        .findFirst();
    }

    private static Optional<Opening> opening(Binding binding, @Nullable DatasetSpec dataset) {
        return dataset != null
                ? DataLocation.of(dataset, Access.Read)
                : Optional.of(new Opening(
                        String.valueOf(binding.bucket()), String.valueOf(binding.s3Prefix()), binding.access()));
    }
}
