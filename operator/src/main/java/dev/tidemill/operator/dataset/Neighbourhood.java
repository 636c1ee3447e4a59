package dev.tidemill.operator.dataset;

import dev.tidemill.api.Dataset;
import dev.tidemill.api.Function;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.Model;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.dataflow.Assignments.Surroundings;
import dev.tidemill.dataflow.Builtin;
import dev.tidemill.dataflow.Callee;
import dev.tidemill.operator.dataset.Routes.Route;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.store.OpenStore;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a Dataset can name on a cluster: the other resources of its namespace, and that namespace's data path.
 *
 * @param datasets as far as they count, by name, as are functions and models
 * @param worker where profiler and generator answer
 * @param workerCap requests that they take at a time
 * @param routes of the functions that are ready, by name, and {@code models} of the models
 */
record Neighbourhood(
        String namespace,
        OpenStore store,
        Map<String, DatasetResource> datasets,
        Map<String, FunctionResource> functions,
        Map<String, ModelResource> models,
        URI worker,
        int workerCap,
        Map<String, Route> routes,
        Map<String, Route> modelRoutes)
        implements Surroundings {

    @Override
    public Optional<Callee> callee(String name) {
        var route = routes.get(name);
        var function = functions.get(name);
        if (route == null || function == null) {
            return Optional.empty();
        }
        var computing = function.computedBy(route.revision());
        return Optional.of(Callee.of(
                namespace,
                new Function(function.metadataRecord(), computing),
                route.url(),
                version(computing, route),
                places()));
    }

    private static String version(FunctionSpec function, Route route) {
        var builtin = function.builtin();
        return builtin == null
                ? route.version()
                : Builtin.of(builtin).map(Builtin::version).orElse(builtin);
    }

    private Map<String, S3Prefix> places() {
        var places = new HashMap<String, S3Prefix>();
        datasets.forEach((name, dataset) -> dataset.getSpec().place().ifPresent(place -> places.put(name, place)));
        return places;
    }

    @Override
    public Optional<Callee> model(String name) {
        var route = modelRoutes.get(name);
        var model = models.get(name);
        return route == null || model == null
                ? Optional.empty()
                : ModelResource.served(route.revision())
                        .map(served -> Callee.of(
                                namespace,
                                new Model(model.metadataRecord(), served),
                                model.getSpec().scale().max(),
                                route.url(),
                                route.version()));
    }

    @Override
    public Optional<Function> function(String name) {
        return Optional.ofNullable(functions.get(name))
                .map(found -> new Function(found.metadataRecord(), found.getSpec()));
    }

    @Override
    public Optional<Dataset> dataset(String name) {
        return Optional.ofNullable(datasets.get(name)).map(Neighbourhood::dataset);
    }

    static Dataset dataset(DatasetResource resource) {
        return new Dataset(
                resource.getApiVersion(), resource.metadataRecord(), resource.getSpec(), resource.getStatus());
    }

    @Override
    public Callee profiler() {
        return Callee.of(namespace, Builtin.PROFILE, worker.resolve("/profile"), workerCap);
    }

    @Override
    public Callee generator() {
        return Callee.of(namespace, Builtin.GENERATE, worker.resolve("/generate"), workerCap);
    }

    @Override
    public String stateBucket(String store) {
        return this.store.spec().stateBucket();
    }

    @Override
    public Map<String, String> endpoints() {
        return Map.of(store.name(), store.spec().endpoint());
    }
}
