package dev.tidemill.functions.model.benchmark;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.ModelConfig;
import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.graph.Artifact;
import dev.tidemill.functions.model.graph.Graph;
import dev.tidemill.functions.model.graph.Natives;
import dev.tidemill.functions.model.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * One graph without a server around it, as {@code benchmarks/model/raw.py} asks: {@code FOLDER MODEL cpu|gpu SECONDS BATCH…}. In the
 * folder lie {@code MODEL.pt} and for each batch size Python's {@code MODEL-x-BATCH.npy} and {@code MODEL-y-BATCH.npy}. Prints for each
 * size the median of a call in microseconds and how far the outputs lie from Python's.
 */
public final class GraphBenchmark {

    /** Until the virtual machine has optimized its code: before, when it counts and compiles, a call takes some 20 µs longer. */
    private static final int WARM_CALLS = 15_000;

    private static final long WARM_NANOS = 8_000_000_000L;

    private GraphBenchmark() {}

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]).toAbsolutePath();
        String name = args[1];
        Natives natives = new Natives(Models.NATIVES.folder(), Natives.Device.of(args[2]));
        double seconds = Double.parseDouble(args[3]);
        Tensor first = Models.npy(folder.resolve(name + "-x-" + args[4] + ".npy"), "x");
        Tensor given = Models.npy(folder.resolve(name + "-y-" + args[4] + ".npy"), "y");
        ModelConfig config = Models.config(
                Format.PyTorch, folder.resolve(name + ".pt"), List.of(declared(first)), List.of(declared(given)), 1);
        ModelSpec spec = config.model().spec();
        try (Artifact artifact = Artifact.copy(
                        folder.resolve(name + ".pt"), Objects.requireNonNull(spec.source()), spec.format());
                Graph graph = Graph.load(spec, artifact.path(), natives)) {
            warm(graph, batch(graph, first));
            for (String batch : Arrays.asList(args).subList(4, args.length)) {
                measure(graph, folder, name, batch, seconds);
            }
        }
    }

    private static ModelSpec.Tensor declared(Tensor tensor) {
        long[] shape = tensor.shape().clone();
        shape[0] = -1;
        return Models.tensor(tensor.name(), Datatype.FP32, shape);
    }

    private static void measure(Graph graph, Path folder, String name, String batch, double seconds)
            throws IOException {
        Tensor x = Models.npy(folder.resolve(name + "-x-" + batch + ".npy"), "x");
        Tensor given = batch(graph, x);
        float[] expected = Models.floats(Models.npy(folder.resolve(name + "-y-" + batch + ".npy"), "y"));
        float[] outputs = Models.floats(graph.run(List.of(given)).getFirst());
        float worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs(outputs[i] - expected[i]));
        }
        run(graph, given, seconds / 4);
        long[] times = run(graph, given, seconds);
        Arrays.sort(times);
        System.out.printf(
                "{\"batch\": %s, \"device\": \"%s\", \"calls\": %d, \"median_us\": %.1f, \"worst\": %.3g}%n",
                batch, graph.device(), times.length, times[times.length / 2] / 1e3, worst);
    }

    /** Where a batch of requests is put together. */
    private static Tensor batch(Graph graph, Tensor x) {
        ByteBuffer data = graph.memory().take(x.data().limit()).data();
        return new Tensor("x", x.datatype(), x.shape(), data.put(0, x.data(), 0, data.limit()));
    }

    private static void warm(Graph graph, Tensor x) {
        long end = System.nanoTime() + WARM_NANOS;
        for (int i = 0; i < WARM_CALLS && System.nanoTime() < end; i++) {
            graph.run(List.of(x)).close();
        }
    }

    private static long[] run(Graph graph, Tensor x, double seconds) {
        long[] times = new long[1 << 20];
        int calls = 0;
        long end = System.nanoTime() + (long) (seconds * 1e9);
        for (long now = System.nanoTime(); now < end && calls < times.length; ) {
            graph.run(List.of(x)).close();
            long then = System.nanoTime();
            times[calls++] = then - now;
            now = then;
        }
        return Arrays.copyOf(times, calls);
    }
}
