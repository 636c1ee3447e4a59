package dev.tidemill.operator.function;

import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.PathRoutes;
import dev.tidemill.operator.Applier;
import dev.tidemill.operator.KnativeReadiness;
import dev.tidemill.operator.LateSources;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The one address of a namespace's Functions: a router that leads each {@code spec.path} to its Function. It belongs to all of them, and
 * goes with the last.
 */
final class FunctionPaths {

    static final String TYPE = "Routed";

    private final FunctionManifests manifests;
    private final LateSources<FunctionResource> sources;

    FunctionPaths(FunctionManifests manifests, LateSources<FunctionResource> sources) {
        this.manifests = manifests;
        this.sources = sources;
    }

    /**
     * A Function at its path.
     *
     * @param path without a slash at its end
     */
    record Routed(String path, FunctionResource function) {}

    /** Who has which path, in the order of the paths; of several that ask for one the oldest has it. */
    static List<Routed> table(Stream<FunctionResource> functions) {
        var table = new TreeMap<String, Routed>();
        functions
                .filter(function -> function.getMetadata().getDeletionTimestamp() == null)
                .filter(function -> function.getSpec().path() != null)
                .sorted(Comparator.<FunctionResource, String>comparing(
                                function -> function.getMetadata().getCreationTimestamp())
                        .thenComparing(FunctionResource::name))
                .forEach(function -> {
                    var path =
                            PathRoutes.plain(String.valueOf(function.getSpec().path()));
                    table.putIfAbsent(path, new Routed(path, function));
                });
        return List.copyOf(table.values());
    }

    /** Brings the namespace's router about, or up to date; empty for a Function without a path. */
    synchronized Optional<Verdict> ensure(
            FunctionResource function, Applier<FunctionResource> applier, Context<FunctionResource> context) {
        var namespace = function.namespace();
        var table = table(context.getPrimaryCache().list(namespace));
        if (table.isEmpty()) {
            applier.delete(Service.class, namespace, FunctionManifests.ROUTER);
            return Optional.empty();
        }
        // An owner that went missing would have the API server's collector take the router from the others.
        var owners = table.stream()
                .map(routed -> FunctionReconciler.reference(routed.function()))
                .toList();
        var routes = new TreeMap<String, String>();
        for (var routed : table) {
            address(routed.function(), applier).ifPresent(url -> routes.put(routed.path(), url));
        }
        if (sources.watches(NetworkPolicy.class, context)) {
            applier.apply(manifests.routerPolicy(namespace, owners));
        }
        var router = applier.serve(manifests.router(namespace, owners, routes));
        if (function.getSpec().path() == null) {
            return Optional.empty();
        }
        var path = PathRoutes.plain(String.valueOf(function.getSpec().path()));
        return table.stream()
                .filter(routed -> routed.path().equals(path))
                .findFirst()
                .map(routed -> routed.function().name().equals(function.name())
                        ? led(path, router)
                        : Verdict.no(
                                TYPE,
                                "PathTaken",
                                "spec.path %s leads to the Function %s already: choose another one"
                                        .formatted(path, routed.function().name())));
    }

    /** Where it is led to from, in the place of a remedy. */
    private static Verdict led(String path, Service router) {
        var verdict = KnativeReadiness.verdict(TYPE, router);
        return verdict.status() == Status.True
                ? new Verdict(
                        TYPE,
                        Status.True,
                        "Led",
                        router.getStatus().getAddress() == null
                                ? path
                                : router.getStatus().getAddress().getUrl() + path)
                : verdict;
    }

    private static Optional<String> address(FunctionResource function, Applier<FunctionResource> applier) {
        return applier.find(Service.class, function.namespace(), function.name())
                .map(Service::getStatus)
                .filter(status -> status.getAddress() != null)
                .map(status -> status.getAddress().getUrl());
    }
}
