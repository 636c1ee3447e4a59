package dev.tidemill.operator.dataset;

import dev.tidemill.api.Access;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.DatasetSpec.From;
import dev.tidemill.api.NotYetSupported;
import dev.tidemill.api.NotYetSupported.Place;
import dev.tidemill.dataflow.FunctionTarget;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.operator.store.Opening;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether a Dataset can be worked on, decided from what is there. */
sealed interface DatasetDecision {

    String ACCEPTED = "Accepted";

    /** No, until somebody or something does what the verdict says. */
    record Refuse(Verdict verdict) implements DatasetDecision {}

    /** Not now; it goes on by itself, and what was committed stands. */
    record Wait(Verdict verdict) implements DatasetDecision {}

    /**
     * Yes.
     *
     * @param parent what it is derived from, or null
     * @param function what works on it, or null
     * @param combine what combines, or null
     * @param model what works on it in place of a function, or null
     */
    record Work(
            OpenStore store,
            Grants grants,
            @Nullable DatasetResource parent,
            @Nullable FunctionResource function,
            @Nullable FunctionResource combine,
            @Nullable ModelResource model)
            implements DatasetDecision {

        List<FunctionResource> functions() {
            return Stream.<@Nullable FunctionResource>of(function, combine)
                    .flatMap(Stream::ofNullable)
                    .distinct()
                    .toList();
        }
    }

    static DatasetDecision of(DatasetFacts facts) {
        var spec = facts.spec();
        var store = facts.store();
        var grants = facts.grants();
        if (store == null || grants == null) {
            return new Wait(Verdict.unknown(
                    ACCEPTED,
                    "StoreNotReady",
                    "ObjectStore %s %s"
                            .formatted(
                                    spec.store(),
                                    facts.storeTrouble().isEmpty()
                                            ? "is not there: create it, or name another one in spec.store"
                                            : "is not ready: " + facts.storeTrouble())));
        }
        var unsupported = NotYetSupported.check(Neighbourhood.dataset(facts.dataset()), Place.Cluster);
        if (!unsupported.isEmpty()) {
            return refuse(
                    NotYetSupported.REASON,
                    unsupported.getFirst().path() + " " + unsupported.getFirst().message());
        }
        var parent =
                spec.from() == null ? null : facts.datasets().get(spec.from().dataset());
        return inState(spec, store)
                .or(() -> notGranted(spec, parent, grants))
                .or(() -> Optional.ofNullable(spec.from()).flatMap(from -> parent(from, spec, parent)))
                .or(() -> Optional.ofNullable(spec.from()).flatMap(from -> functions(from, facts)))
                .or(() -> Optional.ofNullable(spec.from()).flatMap(from -> model(from, spec, facts.model())))
                .<DatasetDecision>map(verdict -> new Refuse(verdict))
                .orElseGet(() -> new Work(
                        store,
                        grants,
                        parent,
                        named(spec.from() == null ? null : spec.from().function(), facts.functions()),
                        combine(spec.from(), facts.functions()),
                        facts.model()));
    }

    private static Optional<Verdict> inState(DatasetSpec spec, OpenStore store) {
        return DataLocation.of(spec, Access.Read)
                .filter(location -> location.bucket().equals(store.spec().stateBucket()))
                .map(location -> no(
                        "StateBucket",
                        "bucket %s holds Tidemill's own ledgers and is no place for data: use another one"
                                .formatted(location.bucket())));
    }

    private static Optional<Verdict> notGranted(DatasetSpec spec, @Nullable DatasetResource parent, Grants grants) {
        var wanted = new ArrayList<Opening>();
        DataLocation.of(spec, spec.source() == null ? Access.ReadWrite : Access.Read)
                .ifPresent(wanted::add);
        if (parent != null) {
            DataLocation.of(parent.getSpec(), Access.Read).ifPresent(wanted::add);
        }
        return grants.refusal(wanted).map(message -> no("NotGranted", message));
    }

    private static Optional<Verdict> parent(From from, DatasetSpec spec, @Nullable DatasetResource parent) {
        if (parent == null) {
            return Optional.of(no(
                    "ParentMissing",
                    "from.dataset names %s, which is not in this namespace: create it".formatted(from.dataset())));
        }
        if (!parent.getSpec().store().equals(spec.store())) {
            return Optional.of(no(
                    "OtherStore",
                    "dataset %s lies in ObjectStore %s, this one in %s: a derived Dataset stays in the store of its input"
                            .formatted(from.dataset(), parent.getSpec().store(), spec.store())));
        }
        if (DataLocation.of(parent.getSpec(), Access.Read).isEmpty()) {
            return Optional.of(no(
                    "ParentIsValue",
                    "dataset %s is one value and has no objects to work on".formatted(from.dataset())));
        }
        return Optional.empty();
    }

    private static Optional<Verdict> functions(From from, DatasetFacts facts) {
        var names = new LinkedHashMap<String, String>();
        put(names, from.function(), "from.function");
        put(names, from.combineFunction(), "from.combineFunction");
        for (var entry : names.entrySet()) {
            var function = facts.functions().get(entry.getKey());
            if (function == null) {
                return Optional.of(no(
                        "FunctionMissing",
                        "%s names %s, which is not in this namespace: create it"
                                .formatted(entry.getValue(), entry.getKey())));
            }
            if (function.getSpec().timeout().duration().compareTo(FunctionTarget.LONGEST) > 0) {
                return Optional.of(no(
                        "TimeoutTooLong",
                        "function %s has timeout %s, and the work of a Dataset may take %s: shorten it"
                                .formatted(entry.getKey(), function.getSpec().timeout(), FunctionTarget.LONGEST)));
            }
            var store = function.store(facts.datasets().values());
            if (store.isPresent() && !store.get().equals(facts.spec().store())) {
                return Optional.of(no(
                        "OtherStore",
                        "function %s works in ObjectStore %s, this Dataset lies in %s, and a function has the keys of one: declare another Function for it"
                                .formatted(
                                        entry.getKey(),
                                        store.get(),
                                        facts.spec().store())));
            }
        }
        return Optional.empty();
    }

    private static Optional<Verdict> model(From from, DatasetSpec spec, @Nullable ModelResource model) {
        if (from.model() == null) {
            return Optional.empty();
        }
        if (model == null) {
            return Optional.of(no(
                    "ModelMissing",
                    "from.model names %s, which is not in this namespace: create it".formatted(from.model())));
        }
        var source = model.getSpec().source();
        if (source != null && !source.store().equals(spec.store())) {
            return Optional.of(no(
                    "OtherStore",
                    "model %s lies in ObjectStore %s, this Dataset in %s: a model reads and writes in its own store"
                            .formatted(from.model(), source.store(), spec.store())));
        }
        return Optional.empty();
    }

    private static void put(Map<String, String> names, @Nullable String name, String field) {
        if (name != null) {
            names.putIfAbsent(name, field);
        }
    }

    private static @Nullable FunctionResource combine(@Nullable From from, Map<String, FunctionResource> functions) {
        if (from == null || from.combine() == DatasetSpec.Combine.None) {
            return null;
        }
        return named(from.combineFunction() == null ? from.function() : from.combineFunction(), functions);
    }

    private static @Nullable FunctionResource named(@Nullable String name, Map<String, FunctionResource> functions) {
        return name == null ? null : functions.get(name);
    }

    private static Refuse refuse(String reason, String message) {
        return new Refuse(no(reason, message));
    }

    private static Verdict no(String reason, String message) {
        return Verdict.no(ACCEPTED, reason, message);
    }
}
