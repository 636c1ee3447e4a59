package dev.tidemill.functions.model.graph;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.tensorflow.engine.TfNDManager;
import ai.djl.tensorflow.engine.TfSymbolBlock;
import ai.djl.training.ParameterStore;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TextElements;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** A SavedModel's signature {@code serving_default} by DJL's TensorFlow engine. */
final class TensorFlowGraph implements Graph {

    private static final String SIGNATURE = "serving_default";

    private static final Map<Datatype, DataType> TYPES = Map.of(
            Datatype.FP32, DataType.FLOAT32,
            Datatype.FP64, DataType.FLOAT64,
            Datatype.INT32, DataType.INT32,
            Datatype.INT64, DataType.INT64,
            Datatype.UINT8, DataType.UINT8,
            Datatype.INT8, DataType.INT8,
            Datatype.BOOL, DataType.BOOLEAN,
            Datatype.BYTES, DataType.STRING);

    private final ModelSpec spec;
    private final Model model;

    private TensorFlowGraph(ModelSpec spec, Model model) {
        this.spec = spec;
        this.model = model;
    }

    static void engine(Natives natives) {
        natives.forTensorFlow();
        Engine.getEngine("TensorFlow");
    }

    static Graph open(ModelSpec spec, Path folder, Natives natives) {
        engine(natives);
        Model model = Model.newInstance("model", Device.cpu(), "TensorFlow");
        try {
            model.load(folder, "saved_model.pb", Map.of());
            check(spec, (TfSymbolBlock) model.getBlock());
            return new TensorFlowGraph(spec, model);
        } catch (MalformedModelException | EngineException | IOException e) {
            model.close();
            throw new LoadException("CorruptArtifact", "TensorFlow cannot load it: " + e.getMessage(), e);
        }
    }

    private static void check(ModelSpec spec, TfSymbolBlock block) {
        Map<String, SignatureDef> signatures =
                block.getSavedModelBundle().getMetaGraphDef().getSignatureDefMap();
        SignatureDef signature = signatures.get(SIGNATURE);
        if (signature == null) {
            throw Signature.mismatch(
                    "the SavedModel has no signature %s; it has %s: save it with signatures={\"%s\": …}"
                            .formatted(SIGNATURE, signatures.keySet(), SIGNATURE));
        }
        Signature.check(spec, entries(signature.getInputsMap()), entries(signature.getOutputsMap()));
    }

    private static Map<String, Signature.Entry> entries(Map<String, TensorInfo> tensors) {
        Map<String, Signature.Entry> entries = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            TensorShapeProto shape = tensor.getTensorShape();
            entries.put(
                    name,
                    new Signature.Entry(
                            datatype(tensor),
                            tensor.getDtype().name(),
                            shape.getUnknownRank()
                                    ? null
                                    : shape.getDimList().stream()
                                            .mapToLong(TensorShapeProto.Dim::getSize)
                                            .toArray()));
        });
        return entries;
    }

    private static @Nullable Datatype datatype(TensorInfo tensor) {
        return switch (tensor.getDtype()) {
            case DT_FLOAT -> Datatype.FP32;
            case DT_DOUBLE -> Datatype.FP64;
            case DT_INT32 -> Datatype.INT32;
            case DT_INT64 -> Datatype.INT64;
            case DT_UINT8 -> Datatype.UINT8;
            case DT_INT8 -> Datatype.INT8;
            case DT_BOOL -> Datatype.BOOL;
            case DT_STRING -> Datatype.BYTES;
            default -> null;
        };
    }

    @Override
    public Lease run(List<Tensor> inputs) {
        try (TfNDManager manager = (TfNDManager) model.getNDManager().newSubManager()) {
            NDList arguments = new NDList(inputs.size());
            for (Tensor input : inputs) {
                NDArray array = array(manager, input);
                array.setName(input.name());
                arguments.add(array);
            }
            NDList given = model.getBlock().forward(new ParameterStore(manager, false), arguments, false);
            List<Tensor> outputs = new ArrayList<>(spec.outputs().size());
            for (ModelSpec.Tensor declared : spec.outputs()) {
                outputs.add(tensor(declared, Objects.requireNonNull(given.get(declared.name()))));
            }
            return Lease.of(outputs);
        } catch (EngineException | IllegalArgumentException | IllegalStateException e) {
            throw new GraphException(String.valueOf(e.getMessage()), e);
        }
    }

    private static NDArray array(TfNDManager manager, Tensor input) {
        Shape shape = new Shape(input.shape());
        return input.datatype() == Datatype.BYTES
                ? manager.createStringTensor(
                        shape,
                        TextElements.read(input).stream().map(ByteBuffer::wrap).toArray(ByteBuffer[]::new))
                : manager.create(
                        input.data().duplicate().order(ByteOrder.nativeOrder()),
                        shape,
                        Objects.requireNonNull(TYPES.get(input.datatype())));
    }

    private static Tensor tensor(ModelSpec.Tensor declared, NDArray array) {
        ByteBuffer data;
        if (declared.datatype() == Datatype.BYTES) {
            // A character for each byte: what a graph gives need not be UTF-8, an encoded image for one.
            data = TextElements.of(Arrays.stream(array.toStringArray(StandardCharsets.ISO_8859_1))
                    .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                    .toList());
        } else {
            // The engine's buffer goes with the array.
            ByteBuffer lent = array.toByteBuffer();
            data = ByteBuffer.allocate(lent.remaining()).put(lent).flip();
        }
        return new Tensor(declared.name(), declared.datatype(), array.getShape().getShape(), data);
    }

    @Override
    public String device() {
        return "cpu";
    }

    @Override
    public String platform() {
        return "tensorflow_savedmodel";
    }

    @Override
    public void close() {
        model.close();
    }
}
