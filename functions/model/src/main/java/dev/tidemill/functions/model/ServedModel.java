package dev.tidemill.functions.model;

import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.functions.model.batch.Batcher;
import dev.tidemill.functions.model.graph.Artifact;
import dev.tidemill.functions.model.graph.Graph;
import dev.tidemill.functions.model.graph.GraphException;
import dev.tidemill.functions.model.graph.LoadException;
import dev.tidemill.functions.model.graph.Natives;
import dev.tidemill.functions.model.graph.WarmUp;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.functions.model.tensor.TextElements;
import dev.tidemill.store.ObjectClient;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** A model that is loaded, warm and answers. What protocol or event a request came by is not known here. */
public final class ServedModel implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ServedModel.class);

    private final String name;
    private final String version;
    private final ModelSpec spec;
    private final Graph graph;
    private final Batcher batcher;

    /** Takes a graph that is loaded and warm. */
    public ServedModel(String name, String version, ModelSpec spec, Graph graph, Batcher.Limits limits) {
        this.name = name;
        this.version = version;
        this.spec = spec;
        this.graph = graph;
        this.batcher = new Batcher(graph, limits);
    }

    /**
     * Fetches, verifies, loads, compares and warms up; the engine is opened while the artifact comes.
     *
     * @param store opened only where the model lies in one
     * @throws LoadException if any of these fails
     */
    static ServedModel load(ModelConfig config, Supplier<ObjectClient> store) {
        Model resource = config.model();
        ModelSpec spec = resource.spec();
        ModelSpec.Source source = spec.source();
        if (source == null) {
            throw new LoadException(
                    "ConfigInvalid", "a Model that is trained is served by the spec.source that came of it");
        }
        long began = System.nanoTime();
        CompletableFuture<Void> engine = CompletableFuture.runAsync(
                () -> Graph.open(spec.format(), config.natives()),
                work -> Thread.ofPlatform().name("engine").daemon().start(work));
        try (Artifact artifact = config.artifact() == null
                ? Artifact.fetch(source, config.copy(), spec.format(), store.get())
                : Artifact.copy(config.artifact(), source, spec.format())) {
            long fetched = System.nanoTime();
            await(engine);
            long opened = System.nanoTime();
            Graph graph = load(spec, artifact, config.natives());
            long loaded = System.nanoTime();
            try {
                WarmUp.run(spec, graph);
                LOG.infof(
                        "artifact fetched in %d ms, engine open after %d ms, graph loaded in %d ms, warmed up in %d ms",
                        millis(fetched - began),
                        millis(opened - began),
                        millis(loaded - opened),
                        millis(System.nanoTime() - loaded));
                String version = config.version() == null ? artifact.sha256().substring(0, 12) : config.version();
                return new ServedModel(resource.metadata().name(), version, spec, graph, limits(spec));
            } catch (GraphException | LoadException e) {
                graph.close();
                throw e instanceof LoadException known
                        ? known
                        : new LoadException(
                                "WarmUpFailed",
                                "%s: a first inference, of zeros in the declared shapes, failed: %s"
                                        .formatted(artifact.location(), e.getMessage()),
                                e);
            }
        }
    }

    private static void await(CompletableFuture<Void> engine) {
        try {
            engine.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof LoadException known) {
                throw known;
            }
            throw new LoadException("EngineFailed", "the engine does not start: " + e.getCause(), e.getCause());
        }
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    /** Engines tell of the copy that they were given. */
    private static Graph load(ModelSpec spec, Artifact artifact, Natives natives) {
        try {
            return Graph.load(spec, artifact.path(), natives);
        } catch (LoadException e) {
            throw new LoadException(e.reason(), artifact.location() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Where rows can be joined one worker is enough for requests: what comes in while it computes is its next batch. The second one is for
     * full batches, as those of a Dataset are: engines leave processors free where a batch is small or just begins.
     */
    static Batcher.Limits limits(ModelSpec spec) {
        boolean joins = spec.batch().maxSize() > 1 && hasRows(spec);
        return new Batcher.Limits(
                joins ? spec.batch().maxSize() : 1,
                spec.batch().maxDelay().duration(),
                joins ? 2 : Runtime.getRuntime().availableProcessors(),
                4_096,
                Math.max(64L << 20, Runtime.getRuntime().maxMemory() / 4));
    }

    /** Whether the first dimension of everything is open, which is that of rows. */
    public static boolean hasRows(ModelSpec spec) {
        return java.util.stream.Stream.concat(spec.inputs().stream(), spec.outputs().stream())
                .allMatch(tensor -> !tensor.shape().isEmpty() && tensor.shape().getFirst() < 0);
    }

    /**
     * The declared outputs for inputs in any order; whoever has read them closes them.
     *
     * @throws TensorException at once, if they are not what the model takes
     * @throws Batcher.BusyException at once, if too much waits
     */
    public CompletableFuture<Lease> infer(List<Tensor> inputs) {
        return batcher.submit(ordered(inputs));
    }

    private List<Tensor> ordered(List<Tensor> inputs) {
        Map<String, Tensor> given = new HashMap<>();
        for (Tensor input : inputs) {
            if (given.put(input.name(), input) != null) {
                throw new TensorException("input %s is given twice".formatted(input.name()));
            }
        }
        List<Tensor> ordered = spec.inputs().stream()
                .map(declared -> {
                    Tensor tensor = given.remove(declared.name());
                    if (tensor == null) {
                        throw new TensorException("input %s is missing; model %s takes %s"
                                .formatted(declared.name(), name, names(spec.inputs())));
                    }
                    return checked(declared, tensor);
                })
                .toList();
        if (!given.isEmpty()) {
            throw new TensorException("model %s has no input %s; it takes %s"
                    .formatted(name, given.keySet().iterator().next(), names(spec.inputs())));
        }
        if (hasRows(spec) && ordered.stream().mapToLong(Tensor::rows).distinct().count() > 1) {
            throw new TensorException("the inputs have different numbers of rows: " + ordered);
        }
        return ordered;
    }

    private static Tensor checked(ModelSpec.Tensor declared, Tensor given) {
        if (given.datatype() != declared.datatype()) {
            throw new TensorException(
                    "input %s is %s and has to be %s".formatted(given.name(), given.datatype(), declared.datatype()));
        }
        if (!fits(declared.shape(), given.shape())) {
            throw new TensorException("input %s has the shape %s and has to have %s"
                    .formatted(given.name(), Arrays.toString(given.shape()), declared.shape()));
        }
        int width = Tensor.width(given.datatype());
        long bytes = bytes(given, width);
        if (given.elements() == 0) {
            throw new TensorException("input %s is empty: its shape is %s; send one row or more"
                    .formatted(given.name(), Arrays.toString(given.shape())));
        }
        if (width == 0) {
            TextElements.check(given);
        } else if (given.data().limit() != bytes) {
            throw new TensorException("input %s: the shape %s of %s takes %d bytes, and %d are given"
                    .formatted(
                            given.name(),
                            Arrays.toString(given.shape()),
                            given.datatype(),
                            bytes,
                            given.data().limit()));
        }
        return given;
    }

    /** By its shape, which over gRPC nothing bounds: unchecked, 2^62 elements of four bytes would come to none. */
    private static long bytes(Tensor given, int width) {
        try {
            return Math.multiplyExact(given.elements(), Math.max(1, width));
        } catch (ArithmeticException e) {
            throw new TensorException("input %s: the shape %s is more than any tensor has"
                    .formatted(given.name(), Arrays.toString(given.shape())));
        }
    }

    private static boolean fits(List<Long> declared, long[] given) {
        if (declared.size() != given.length) {
            return false;
        }
        for (int i = 0; i < given.length; i++) {
            if (declared.get(i) >= 0 && declared.get(i) != given[i]) {
                return false;
            }
        }
        return true;
    }

    private static List<String> names(List<ModelSpec.Tensor> tensors) {
        return tensors.stream().map(ModelSpec.Tensor::name).toList();
    }

    /** What has been inferred. */
    public Batcher.Counts counts() {
        return batcher.counts();
    }

    public String name() {
        return name;
    }

    public String version() {
        return version;
    }

    public ModelSpec spec() {
        return spec;
    }

    public String platform() {
        return graph.platform();
    }

    public String device() {
        return graph.device();
    }

    /** Whether it can still compute. */
    public boolean alive() {
        return graph.alive();
    }

    @Override
    public void close() {
        batcher.close();
        graph.close();
    }
}
