package dev.tidemill.operator.function;

import dev.tidemill.api.Access;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.Function;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.FunctionSpec.Binding;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.NotYetSupported;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.operator.dataset.DataLocation;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.operator.store.Opening;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What is to be done for a Function, decided from what is there. */
sealed interface FunctionPlan {

    /** Nothing, until somebody mends what the verdict says. */
    record Refuse(Verdict verdict) implements FunctionPlan {}

    /**
     * Run it.
     *
     * @param store the one that its data lies in; null when it has none
     * @param openings what its credentials open
     * @param data becomes {@code FUNCTION_DATA}
     */
    record Deploy(@Nullable String store, List<Opening> openings, SequencedMap<String, S3Prefix> data)
            implements FunctionPlan {}

    /** Finds a store that works. */
    interface StoreFinder {
        Optional<OpenStore> find(String name);
    }

    /** The longest that Knative lets a request take by default ({@code max-revision-timeout-seconds}). */
    Duration LONGEST = Duration.ofSeconds(600);

    String DECLARED = "Accepted";

    /**
     * Decides.
     *
     * @param datasets all of the namespace, by name
     * @param stores finds a store that works
     * @param grants of a store for the namespace
     */
    static FunctionPlan of(
            String name,
            FunctionSpec spec,
            Map<String, DatasetSpec> datasets,
            StoreFinder stores,
            BiFunction<OpenStore, String, Grants> grants) {
        var unsupported = notYetSupported(name, spec);
        if (unsupported.isPresent()) {
            return refuse(NotYetSupported.REASON, unsupported.get());
        }
        if (spec.timeout().duration().compareTo(LONGEST) > 0) {
            return refuse(
                    "TimeoutTooLong",
                    "spec.timeout %s is longer than the %d s that Knative allows a request: shorten it"
                            .formatted(spec.timeout(), LONGEST.toSeconds()));
        }
        var declared = new LinkedHashMap<String, Opening>();
        var usedStores = new ArrayList<String>();
        for (var binding : spec.data()) {
            var dataset = binding.dataset() == null ? null : datasets.get(binding.dataset());
            if (binding.dataset() != null && dataset == null) {
                return refuse(
                        "DatasetMissing",
                        "spec.data %s names the Dataset %s, which is not in this namespace: create it"
                                .formatted(binding.name(), binding.dataset()));
            }
            var opening = opening(binding, dataset);
            if (opening.isEmpty()) {
                return refuse(
                        "NoObjects",
                        "spec.data %s names the Dataset %s, which is one value and has no objects: read its status.result"
                                .formatted(binding.name(), binding.dataset()));
            }
            declared.put(binding.name(), opening.get());
            usedStores.add(dataset == null ? String.valueOf(binding.store()) : dataset.store());
        }
        var worked = worksFor(name, datasets);
        worked.forEach(dataset -> usedStores.add(dataset.store()));
        var distinct = usedStores.stream().distinct().toList();
        if (distinct.size() > 1) {
            return refuse(
                    NotYetSupported.REASON,
                    "its data lies in several stores (%s): a function has the credentials of one"
                            .formatted(String.join(", ", distinct)));
        }
        var data = new LinkedHashMap<String, S3Prefix>();
        declared.forEach((binding, opening) -> data.put(
                binding, new S3Prefix("AWS_S3_Prefix", opening.bucket(), opening.prefix(), null, null, null, null)));
        if (distinct.isEmpty()) {
            return new Deploy(null, List.of(), data);
        }
        var store = stores.find(distinct.getFirst());
        if (store.isEmpty()) {
            return refuse(
                    "StoreNotReady",
                    "ObjectStore %s is not there or not ready: kubectl describe objectstore %s"
                            .formatted(distinct.getFirst(), distinct.getFirst()));
        }
        var granted = grants.apply(store.get(), distinct.getFirst());
        var refusal = granted.refusal(declared.values());
        if (refusal.isPresent()) {
            return refuse("NotGranted", refusal.get());
        }
        var openings = new ArrayList<>(declared.values());
        // What the Dataset may not use is its own refusal; here it is only left shut.
        worked.stream()
                .flatMap(dataset -> ofDataset(dataset, datasets).stream())
                .filter(opening -> granted.refusal(List.of(opening)).isEmpty())
                .forEach(openings::add);
        return new Deploy(distinct.getFirst(), List.copyOf(openings), data);
    }

    private static Optional<String> notYetSupported(String name, FunctionSpec spec) {
        var violations = NotYetSupported.check(new Function(Metadata.named(null, name), spec));
        // The command has no clock; a cluster has.
        var refused = violations.stream()
                .filter(violation -> !violation.path().endsWith(".schedule"))
                .findFirst();
        if (refused.isPresent()) {
            return refused.map(violation -> violation.path() + " " + violation.message());
        }
        if (spec.runtime() == FunctionSpec.Runtime.Lambda) {
            return Optional.of("spec.runtime Lambda is not supported on a cluster yet; answer CloudEvents");
        }
        if (spec.data().stream().anyMatch(binding -> binding.scale() != null)) {
            return Optional.of(
                    "spec.data[].scale is not supported on a cluster yet; declare the Dataset and the derived one yourself");
        }
        return spec.events().stream().anyMatch(event -> event.detail() != null)
                ? Optional.of("spec.events[].detail is not matched on a cluster yet; use filter")
                : Optional.empty();
    }

    private static Optional<Opening> opening(Binding binding, @Nullable DatasetSpec dataset) {
        return dataset != null
                ? DataLocation.of(dataset, Access.Read)
                : Optional.of(new Opening(
                        String.valueOf(binding.bucket()), String.valueOf(binding.s3Prefix()), binding.access()));
    }

    private static List<DatasetSpec> worksFor(String function, Map<String, DatasetSpec> datasets) {
        return datasets.values().stream()
                .filter(dataset -> dataset.from() != null
                        && (function.equals(dataset.from().function())
                                || function.equals(dataset.from().combineFunction())))
                .toList();
    }

    /** The input and the output of a Dataset that the function computes. */
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
