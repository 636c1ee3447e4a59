package dev.tidemill.functions.model.graph;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtUtil;
import ai.onnxruntime.TensorInfo;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TextElements;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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
                        ? new Signature.Entry(datatype(tensor.type), tensor.type.toString(), tensor.getShape())
                        : new Signature.Entry(null, node.getInfo().toString(), null)));
        return entries;
    }

    private static @Nullable Datatype datatype(OnnxJavaType type) {
        return switch (type) {
            case FLOAT -> Datatype.FP32;
            case DOUBLE -> Datatype.FP64;
            case FLOAT16 -> Datatype.FP16;
            case BFLOAT16 -> Datatype.BF16;
            case INT8 -> Datatype.INT8;
            case INT16 -> Datatype.INT16;
            case INT32 -> Datatype.INT32;
            case INT64 -> Datatype.INT64;
            case UINT8 -> Datatype.UINT8;
            case BOOL -> Datatype.BOOL;
            case STRING -> Datatype.BYTES;
            case UNKNOWN -> null;
        };
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
            case FP16 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.FLOAT16);
            case BF16 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.BFLOAT16);
            case INT8 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.INT8);
            case UINT8 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.UINT8);
            case BOOL -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.BOOL);
            case BYTES ->
                OnnxTensor.createTensor(
                        environment,
                        TextElements.read(input).stream()
                                .map(text -> new String(text, StandardCharsets.UTF_8))
                                .toArray(String[]::new),
                        shape);
            case UINT16, UINT32, UINT64 ->
                throw new IllegalStateException(
                        input + " passed the signature, and ONNX Runtime has no such type here");
        };
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
