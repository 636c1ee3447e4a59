package dev.tidemill.functions.model.graph;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Memory;
import dev.tidemill.functions.model.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;

/** A loaded computation graph. Safe for concurrent runs. */
public interface Graph extends AutoCloseable {

    /**
     * Computes the declared outputs, in their order, from the declared inputs, in theirs. When it returns it has no more use for
     * these, and the outputs hold until they are closed.
     *
     * @throws GraphException if the graph refuses these inputs
     */
    Lease run(List<Tensor> inputs);

    /** Where inputs are read from soonest. */
    default Memory memory() {
        return Memory.OF_PROCESS;
    }

    /** {@code cpu} or {@code gpu}. */
    String device();

    /** How the protocol's metadata calls it. */
    String platform();

    /** Whether it can still compute: a fault on an accelerator ends that for the whole process. */
    default boolean alive() {
        return true;
    }

    @Override
    void close();

    /**
     * Opens the engine of a format, for which no artifact is needed yet; {@link #load} does it where nobody has.
     *
     * @throws LoadException if it is not here, or not on the device that is asked for
     */
    static void open(ModelSpec.Format format, Natives natives) {
        switch (format) {
            case PyTorch -> natives.torchDevice();
            case TensorFlow -> TensorFlowGraph.engine(natives);
            case ONNX -> OnnxGraph.engine(natives);
        }
    }

    /**
     * Loads an artifact with the engine of its declared format.
     *
     * @param artifact a verified file, or a folder for a SavedModel
     * @throws LoadException if it is not what the specification declares
     */
    static Graph load(ModelSpec spec, Path artifact, Natives natives) {
        if (natives.device() == Natives.Device.GPU && spec.format() != ModelSpec.Format.PyTorch) {
            throw new LoadException(
                    "DeviceUnsupported", "a GPU computes PyTorch only; %s runs on the CPU".formatted(spec.format()));
        }
        return switch (spec.format()) {
            case PyTorch -> TorchGraph.open(spec, artifact, natives);
            case TensorFlow -> TensorFlowGraph.open(spec, artifact, natives);
            case ONNX -> OnnxGraph.open(spec, artifact, natives);
        };
    }
}
