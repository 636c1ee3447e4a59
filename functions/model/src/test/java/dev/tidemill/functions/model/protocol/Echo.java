package dev.tidemill.functions.model.protocol;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.batch.Batcher;
import dev.tidemill.functions.model.graph.Graph;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Tensor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

/** Gives its inputs back under the names of its outputs, when it is let. */
record Echo(ModelSpec spec, Semaphore allowed, boolean alive) implements Graph {

    /** Requests of two elements of each type, {@code in_FP32} and so on. */
    static ServedModel served(Datatype... datatypes) {
        return served(new Semaphore(1), new Batcher.Limits(4, Duration.ZERO, 1, 100, 1 << 24), true, datatypes);
    }

    /** FP32, one request after the other: the first is computed, which takes until {@code allowed} has a permit, and so many wait. */
    static ServedModel busy(Semaphore allowed, int waiting) {
        return served(allowed, new Batcher.Limits(1, Duration.ZERO, 1, waiting, 1 << 20), true, Datatype.FP32);
    }

    /** As after a fault on an accelerator. */
    static ServedModel dead() {
        return served(new Semaphore(1), new Batcher.Limits(1, Duration.ZERO, 1, 1, 1 << 20), false, Datatype.FP32);
    }

    private static ServedModel served(Semaphore allowed, Batcher.Limits limits, boolean alive, Datatype... datatypes) {
        ModelSpec spec = Models.config(
                        Format.ONNX,
                        Models.FOLDER.resolve("identity.onnx"),
                        Arrays.stream(datatypes)
                                .map(type -> Models.tensor("in_" + type, type, -1, 2))
                                .toList(),
                        Arrays.stream(datatypes)
                                .map(type -> Models.tensor("out_" + type, type, -1, 2))
                                .toList(),
                        4)
                .model()
                .spec();
        return new ServedModel("echo", "1", spec, new Echo(spec, allowed, alive), limits);
    }

    @Override
    public Lease run(List<Tensor> inputs) {
        allowed.acquireUninterruptibly();
        allowed.release();
        return Lease.of(IntStream.range(0, inputs.size())
                .mapToObj(i -> copy(inputs.get(i), spec.outputs().get(i).name()))
                .toList());
    }

    private static Tensor copy(Tensor input, String name) {
        ByteBuffer data = ByteBuffer.allocate(input.data().limit());
        return new Tensor(name, input.datatype(), input.shape(), data.put(0, input.data(), 0, data.limit()));
    }

    @Override
    public String device() {
        return "cpu";
    }

    @Override
    public String platform() {
        return "echo";
    }

    @Override
    public void close() {}
}
