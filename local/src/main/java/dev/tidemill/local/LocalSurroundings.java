package dev.tidemill.local;

import dev.tidemill.api.Dataset;
import dev.tidemill.api.Function;
import dev.tidemill.dataflow.Assignments;
import dev.tidemill.dataflow.Builtin;
import dev.tidemill.dataflow.Callee;
import dev.tidemill.dataflow.Graph;
import dev.tidemill.dataflow.UnresolvedException;
import java.util.Map;
import java.util.Optional;

/** What Datasets of a namespace can name on this machine. */
record LocalSurroundings(
        String namespace,
        Datasets datasets,
        FunctionServing declared,
        ModelServing models,
        ModelTraining training,
        Functions functions)
        implements Assignments.Surroundings {

    private Graph.Id id(String name) {
        return new Graph.Id(namespace, name);
    }

    @Override
    public Optional<Callee> callee(String name) {
        return declared.callee(id(name), datasets);
    }

    @Override
    public Optional<Function> function(String name) {
        return declared.find(id(name));
    }

    @Override
    public Optional<Callee> model(String name) {
        Optional<Callee> callee = models.callee(id(name));
        if (callee.isEmpty() && training.makes(id(name))) {
            throw new UnresolvedException("ModelNotReady", "model %s is being trained".formatted(name));
        }
        return callee;
    }

    @Override
    public Optional<Dataset> dataset(String name) {
        return datasets.find(id(name));
    }

    @Override
    public Callee profiler() {
        return ours(Builtin.PROFILE, "/profile");
    }

    @Override
    public Callee generator() {
        return ours(Builtin.GENERATE, "/");
    }

    private Callee ours(Builtin builtin, String path) {
        int cores = Math.max(2, Runtime.getRuntime().availableProcessors());
        return Callee.of(namespace, builtin, functions.profiler(path), cores);
    }

    @Override
    public String stateBucket(String name) {
        return Mill.STATE_BUCKET;
    }

    /** Every store is the one store here. */
    @Override
    public Map<String, String> endpoints() {
        return Map.of();
    }
}
