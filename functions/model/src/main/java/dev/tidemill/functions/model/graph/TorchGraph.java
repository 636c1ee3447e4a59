package dev.tidemill.functions.model.graph;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Memory;
import dev.tidemill.functions.model.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * TorchScript by DJL's PyTorch engine. Its {@code forward} takes the declared inputs in their order; what it gives, a tensor, a tuple
 * or a dictionary, is taken for the declared outputs by name where it has names and by position elsewhere.
 */
final class TorchGraph implements Graph {

    /** How TorchScript refuses a tensor where {@code forward} wants a number. */
    private static final Pattern WANTS_NUMBER = Pattern.compile(
            "Expected a value of type '(int|float|bool|number)' for argument '[^']*' but instead found type 'Tensor'"
                    + ".*?Position: (\\d+)",
            Pattern.DOTALL);

    private static final Map<Datatype, DataType> TYPES = Map.of(
            Datatype.FP32, DataType.FLOAT32,
            Datatype.FP64, DataType.FLOAT64,
            Datatype.FP16, DataType.FLOAT16,
            Datatype.UINT8, DataType.UINT8,
            Datatype.INT8, DataType.INT8,
            Datatype.INT32, DataType.INT32,
            Datatype.INT64, DataType.INT64,
            Datatype.BOOL, DataType.BOOLEAN);

    /** Of a tensor, all of it. */
    private static final NDIndex ALL = new NDIndex("...");

    private final ModelSpec spec;
    private final Model model;
    private final PtSymbolBlock block;
    private final Device device;
    /** The model's own: what a run makes in it, it closes. */
    private final PtNDManager manager;
    /** For what lies in the process' memory while the model's is the GPU's. */
    private final NDManager host;

    private final Memory memory;
    /** Arguments of {@code forward} that are numbers, by position, and their type in TorchScript. */
    private final Map<Integer, String> numbers = new ConcurrentHashMap<>();

    /** Whether graphs are optimised by what their first runs saw. On a GPU that compiles kernels again for each new size of a batch. */
    private final boolean optimised;

    private volatile boolean alive = true;

    private TorchGraph(ModelSpec spec, Model model, Device device) {
        this.spec = spec;
        this.model = model;
        this.block = (PtSymbolBlock) model.getBlock();
        this.device = device;
        this.manager = (PtNDManager) model.getNDManager();
        this.host = manager.newSubManager(Device.cpu());
        this.optimised = Boolean.parseBoolean(
                System.getProperty("ai.djl.pytorch.graph_optimizer", Boolean.toString(!device.isGpu())));
        this.memory = device.isGpu() ? new Memory(Cuda::allocate) : Memory.OF_PROCESS;
    }

    static Graph open(ModelSpec spec, Path file, Natives natives) {
        supported("inputs", spec.inputs());
        supported("outputs", spec.outputs());
        Device device = natives.torchDevice();
        Model model = Model.newInstance("model", device, "PyTorch");
        try {
            model.load(file.getParent(), file.getFileName().toString(), Map.of("mapLocation", "true"));
            return new TorchGraph(spec, model, device);
        } catch (MalformedModelException | EngineException | IOException e) {
            model.close();
            throw new LoadException("CorruptArtifact", "PyTorch cannot load it: " + firstLine(e), e);
        }
    }

    private static void supported(String field, List<ModelSpec.Tensor> tensors) {
        for (ModelSpec.Tensor tensor : tensors) {
            if (!TYPES.containsKey(tensor.datatype())) {
                throw unsupported("spec.%s: %s is %s,".formatted(field, tensor.name(), tensor.datatype()));
            }
        }
    }

    private static LoadException unsupported(String what) {
        return new LoadException(
                "DatatypeUnsupported",
                "%s which the PyTorch engine does not exchange; it does %s: cast inside the model"
                        .formatted(what, TYPES.keySet().stream().sorted().toList()));
    }

    @Override
    public Lease run(List<Tensor> inputs) {
        while (true) {
            try {
                return runOnce(inputs);
            } catch (EngineException e) {
                if (!wantsNumber(e, inputs)) {
                    throw failure(e);
                }
            } catch (UnsupportedOperationException e) {
                // DJL's word for an output that it has no array for.
                throw Signature.mismatch(
                        "forward gives something other than a tensor, or a tuple, a list or a dictionary of tensors");
            }
        }
    }

    private Lease runOnce(List<Tensor> inputs) {
        IValue[] arguments = new IValue[inputs.size()];
        try {
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = argument(i, inputs.get(i));
            }
            // A setting of the thread, which DJL makes only for inputs in its own lists.
            JniUtils.setGraphExecutorOptimize(optimised);
            try (IValue result = block.forward(arguments);
                    NDList given = result.toNDList(manager)) {
                return outputs(given);
            }
        } finally {
            // Native values are not the garbage collector's.
            for (IValue argument : arguments) {
                if (argument != null) {
                    argument.close();
                }
            }
        }
    }

    private IValue argument(int position, Tensor input) {
        String number = numbers.get(position);
        if (number != null) {
            return number(number, input);
        }
        if (input.data().isDirect()) {
            return tensor(input, input.data());
        }
        try (Memory.Block copy = memory.take(input.data().limit())) {
            return tensor(
                    input, copy.data().put(0, input.data(), 0, input.data().limit()));
        }
    }

    private IValue tensor(Tensor input, ByteBuffer data) {
        try (NDArray given = manager.create(data, new Shape(input.shape()), type(input))) {
            if (device.isGpu()) {
                // It lies there already: PyTorch waits for a copy unless it is told not to, and the buffer is free
                // again.
                return IValue.from((PtNDArray) given);
            }
            // On the CPU it shares the buffer, and a module that keeps a view of its input would see the next request
            // in it.
            try (NDArray own = given.duplicate()) {
                return IValue.from((PtNDArray) own);
            }
        }
    }

    private static DataType type(Tensor input) {
        return java.util.Objects.requireNonNull(TYPES.get(input.datatype()));
    }

    private static IValue number(String type, Tensor input) {
        ByteBuffer data = input.data();
        double value = switch (input.datatype()) {
            case INT64 -> data.getLong(0);
            case INT32 -> data.getInt(0);
            case FP32 -> data.getFloat(0);
            case FP64 -> data.getDouble(0);
            default -> data.get(0);
        };
        return switch (type) {
            case "int" -> IValue.from(input.datatype() == Datatype.INT64 ? data.getLong(0) : (long) value);
            case "bool" -> IValue.from(value != 0);
            default -> IValue.from(value);
        };
    }

    private Lease outputs(NDList given) {
        if (given.size() < spec.outputs().size()) {
            throw Signature.mismatch("forward gives %d tensors and spec.outputs declares %d"
                    .formatted(given.size(), spec.outputs().size()));
        }
        List<Tensor> outputs = new ArrayList<>(spec.outputs().size());
        List<Memory.Block> blocks = new ArrayList<>();
        for (int i = 0; i < spec.outputs().size(); i++) {
            ModelSpec.Tensor declared = spec.outputs().get(i);
            outputs.add(output(declared, of(given, declared.name(), i), blocks));
        }
        return new Lease(outputs, () -> blocks.forEach(Memory.Block::close));
    }

    private static NDArray of(NDList given, String name, int position) {
        NDArray named = given.get(name);
        if (named == null && given.get(position).getName() != null) {
            throw Signature.mismatch("forward gives a dictionary without %s, which spec.outputs declares; it has %s"
                    .formatted(name, given.stream().map(NDArray::getName).toList()));
        }
        return named == null ? given.get(position) : named;
    }

    private Tensor output(ModelSpec.Tensor declared, NDArray array, List<Memory.Block> blocks) {
        Datatype datatype = TYPES.entrySet().stream()
                .filter(entry -> entry.getValue() == array.getDataType())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> unsupported("output " + declared.name() + " comes out as a type"));
        ByteBuffer data;
        if (device.isGpu()) {
            Memory.Block block = memory.take(array.size() * Tensor.width(datatype));
            blocks.add(block);
            data = block.data();
            download((PtNDArray) array, data);
        } else {
            data = array.toByteBuffer(false);
        }
        return new Tensor(declared.name(), datatype, array.getShape().getShape(), data);
    }

    /**
     * Straight to where it is wanted; it is there when this returns. DJL's own way makes two copies, one of them in a manager that stays
     * as long as the model.
     */
    private void download(PtNDArray array, ByteBuffer data) {
        try (PtNDArray there = (PtNDArray) host.create(data, array.getShape(), array.getDataType())) {
            JniUtils.indexAdvPut(there, ALL, array);
        }
    }

    /** Notes an argument that {@code forward} wants as a number, as TorchScript says only when it is called. */
    private boolean wantsNumber(EngineException refusal, List<Tensor> inputs) {
        Matcher said = WANTS_NUMBER.matcher(String.valueOf(refusal.getMessage()));
        if (!said.find()) {
            return false;
        }
        // Position 0 is the module itself.
        int position = Integer.parseInt(said.group(2)) - 1;
        return position >= 0
                && position < inputs.size()
                && inputs.get(position).elements() == 1
                && numbers.put(position, said.group(1)) == null;
    }

    private GraphException failure(EngineException e) {
        String message = String.valueOf(e.getMessage());
        if (device.isGpu() && isFault(message)) {
            alive = false;
        }
        return new GraphException(lastLine(message), e);
    }

    /** After a fault CUDA does not come back in this process; where the GPU's memory is full the next call may find some. */
    static boolean isFault(String message) {
        return message.contains("CUDA error")
                && !message.contains("CUDA error: out of memory")
                && !message.contains("STATUS_ALLOC_FAILED");
    }

    /** TorchScript puts its own trace first and what went wrong last. */
    private static String lastLine(String message) {
        String[] lines = message.strip().split("\n", -1);
        for (int i = lines.length - 1; i >= 0; i--) {
            if (lines[i].contains("Error")) {
                return lines[i].strip();
            }
        }
        return lines[0].strip();
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public String device() {
        return device.isGpu() ? "gpu" : "cpu";
    }

    @Override
    public String platform() {
        return "pytorch_torchscript";
    }

    @Override
    public boolean alive() {
        return alive;
    }

    @Override
    public void close() {
        model.close();
    }
}
