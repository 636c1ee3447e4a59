package dev.tidemill.operator.serving;

import dev.tidemill.api.Access;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetSpec.From;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.operator.dataset.DataLocation;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.operator.store.Opening;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What a Function or a Model finds in its namespace.
 *
 * @param datasets all of the namespace, by name, the oldest one first
 * @param stores finds a store that works
 * @param grants of a store, by its name, for the namespace
 */
public record Surroundings(
        String namespace,
        SequencedMap<String, DatasetSpec> datasets,
        Function<String, Optional<OpenStore>> stores,
        BiFunction<OpenStore, String, Grants> grants) {

    /** The Datasets that it computes. */
    public List<DatasetSpec> computedBy(Predicate<From> works) {
        return datasets.values().stream()
                .filter(dataset -> dataset.from() != null && works.test(dataset.from()))
                .toList();
    }

    /**
     * A plan with credentials for one store.
     *
     * @param declared what it names itself: refused where it is not granted
     * @param opened what its credentials open for that
     * @param computed what it works on: left shut where it is not granted, for that is the Dataset's own refusal
     */
    public ServingPlan deploy(
            String store,
            Collection<Opening> declared,
            Function<OpenStore, Collection<Opening>> opened,
            Collection<DatasetSpec> computed,
            SequencedMap<String, S3Prefix> data) {
        var open = stores.apply(store);
        if (open.isEmpty()) {
            return new ServingPlan.Wait(Verdict.unknown(
                    ServingPlan.ACCEPTED,
                    "StoreNotReady",
                    "ObjectStore %s is not there or not ready: kubectl describe objectstore %s"
                            .formatted(store, store)));
        }
        var granted = grants.apply(open.get(), store);
        var refusal = granted.refusal(declared);
        if (refusal.isPresent()) {
            return ServingPlan.refuse("NotGranted", refusal.get());
        }
        var openings = new ArrayList<>(opened.apply(open.get()));
        computed.stream()
                .flatMap(dataset -> inputAndOutput(dataset).stream())
                .filter(opening -> granted.refusal(List.of(opening)).isEmpty())
                .forEach(openings::add);
        return new ServingPlan.Deploy(store, List.copyOf(openings), data);
    }

    private List<Opening> inputAndOutput(DatasetSpec dataset) {
        var from = dataset.from();
        var parent = from == null ? null : datasets.get(from.dataset());
        var openings = new ArrayList<Opening>();
        if (parent != null) {
            DataLocation.of(parent, Access.Read).ifPresent(openings::add);
        }
        DataLocation.of(dataset, Access.ReadWrite).ifPresent(openings::add);
        return openings;
    }
}
