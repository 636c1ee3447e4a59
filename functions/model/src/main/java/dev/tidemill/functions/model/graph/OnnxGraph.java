package dev.tidemill.functions.model.graph;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtUtil;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.functions.model.tensor.TextElements;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** ONNX by ONNX Runtime's own API: DJL's hides the graph's types and shapes and mixes up tables of texts. */
final class OnnxGraph implements Graph {

    private final ModelSpec spec;
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final Set<String> outputs;

    private OnnxGraph(ModelSpec spec, OrtEnvironment environment, OrtSession session) {
        this.spec = spec;
        this.environment = environment;
        this.session = session;
        this.outputs = new LinkedHashSet<>(
                spec.outputs().stream().map(ModelSpec.Tensor::name).toList());
    }

    static OrtEnvironment engine(Natives natives) {
        natives.forOnnx();
        return OrtEnvironment.getEnvironment();
    }

    static Graph open(ModelSpec spec, Path file, Natives natives) {
        OrtEnvironment environment = engine(natives);
        try {
            OrtSession.SessionOptions options = new OrtSession.SessionOptions();
            // Threads that wait for work must not take the processors of those that have some: a pod has few.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            OrtSession session = environment.createSession(file.toString(), options);
            Signature.check(spec, entries(session.getInputInfo()), entries(session.getOutputInfo()));
            return new OnnxGraph(spec, environment, session);
        } catch (OrtException e) {
            throw new LoadException("CorruptArtifact", "ONNX Runtime cannot load it: " + e.getMessage(), e);
        }
    }

    private static Map<String, Signature.Entry> entries(Map<String, NodeInfo> nodes) {
        Map<String, Signature.Entry> entries = new LinkedHashMap<>();
        nodes.forEach((name, node) -> entries.put(
                name,
                node.getInfo() instanceof TensorInfo tensor
                        ? new Signature.Entry(datatype(tensor.onnxType), name(tensor.onnxType), tensor.getShape())
                        : new Signature.Entry(null, node.getInfo().toString(), null)));
        return entries;
    }

    /** By the graph's own type: what it is to Java has no unsigned integers but bytes. */
    private static @Nullable Datatype datatype(OnnxTensorType type) {
        return switch (type) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> Datatype.FP32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> Datatype.FP64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> Datatype.FP16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> Datatype.BF16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> Datatype.INT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> Datatype.INT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> Datatype.INT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> Datatype.INT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> Datatype.UINT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> Datatype.BOOL;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> Datatype.BYTES;
            default -> null;
        };
    }

    /** {@code UINT64}. */
    private static String name(OnnxTensorType type) {
        return type.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "");
    }

    @Override
    public Lease run(List<Tensor> inputs) {
        Map<String, OnnxTensor> arguments = new HashMap<>();
        try {
            for (Tensor input : inputs) {
                arguments.put(input.name(), tensor(input));
            }
            try (OrtSession.Result result = session.run(arguments, outputs)) {
                List<Tensor> given = new ArrayList<>(outputs.size());
                for (ModelSpec.Tensor declared : spec.outputs()) {
                    given.add(tensor(declared, result.get(declared.name()).orElseThrow()));
                }
                return Lease.of(given);
            }
        } catch (OrtException e) {
            throw new GraphException(String.valueOf(e.getMessage()), e);
        } finally {
            arguments.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor tensor(Tensor input) throws OrtException {
        ByteBuffer data = input.data().duplicate().order(ByteOrder.nativeOrder());
        long[] shape = input.shape();
        return switch (input.datatype()) {
            case FP32 -> OnnxTensor.createTensor(environment, data.asFloatBuffer(), shape);
            case FP64 -> OnnxTensor.createTensor(environment, data.asDoubleBuffer(), shape);
            case INT64 -> OnnxTensor.createTensor(environment, data.asLongBuffer(), shape);
            case INT32 -> OnnxTensor.createTensor(environment, data.asIntBuffer(), shape);
            case INT16 -> OnnxTensor.createTensor(environment, data.asShortBuffer(), shape);
            case FP16 -> OnnxTensor.createTensor(environment, data.asShortBuffer(), shape, OnnxJavaType.FLOAT16);
            case BF16 -> OnnxTensor.createTensor(environment, data.asShortBuffer(), shape, OnnxJavaType.BFLOAT16);
            case INT8 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.INT8);
            case UINT8 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.UINT8);
            case BOOL -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.BOOL);
            case BYTES ->
                OnnxTensor.createTensor(
                        environment,
                        TextElements.read(input).stream()
                                .map(bytes -> text(input, bytes))
                                .toArray(String[]::new),
                        shape);
            case UINT16, UINT32, UINT64 ->
                throw new IllegalStateException(
                        input + " passed the signature, and ONNX Runtime has no such type here");
        };
    }

    /** The engine takes texts as JNI has them, which writes NUL and what lies beyond U+FFFF in another way than UTF-8 does. */
    private static String text(Tensor input, byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.chars().anyMatch(c -> c == 0 || Character.isSurrogate((char) c))
                || !Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8))) {
            throw new TensorException(
                    "input %s: ONNX Runtime takes texts in UTF-8 of characters from U+0001 to U+FFFF, and one is %s"
                            .formatted(input.name(), HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 32))));
        }
        return text;
    }

    private static Tensor tensor(ModelSpec.Tensor declared, ai.onnxruntime.OnnxValue value) throws OrtException {
        OnnxTensor tensor = (OnnxTensor) value;
        long[] shape = tensor.getInfo().getShape();
        ByteBuffer data =
                declared.datatype() == Datatype.BYTES ? TextElements.ofStrings(texts(tensor)) : tensor.getByteBuffer();
        return new Tensor(declared.name(), declared.datatype(), shape, data);
    }

    private static String[] texts(OnnxTensor tensor) throws OrtException {
        Object value = tensor.getValue();
        if (value instanceof String scalar) {
            return new String[] {scalar};
        }
        return value instanceof String[] flat ? flat : OrtUtil.flattenString((Object[]) value);
    }

    @Override
    public String device() {
        return "cpu";
    }

    @Override
    public String platform() {
        return "onnx_onnxv1";
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new GraphException(String.valueOf(e.getMessage()), e);
        }
    }
}
