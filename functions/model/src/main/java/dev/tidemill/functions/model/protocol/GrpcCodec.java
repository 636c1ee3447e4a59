package dev.tidemill.functions.model.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.protocol.grpc.InferTensorContents;
import dev.tidemill.functions.model.protocol.grpc.ModelInferRequest;
import dev.tidemill.functions.model.protocol.grpc.ModelInferRequest.InferInputTensor;
import dev.tidemill.functions.model.protocol.grpc.ModelInferResponse;
import dev.tidemill.functions.model.protocol.grpc.ModelMetadataResponse;
import dev.tidemill.functions.model.protocol.grpc.ServerMetadataResponse;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.functions.model.tensor.TextElements;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Inference requests and replies as messages: inputs as typed contents or all as raw bytes, and outputs the same
 * way, but raw where a type has no contents. */
final class GrpcCodec {

    private GrpcCodec() {}

    /** A number of one octet on the wire is one of eight in the message and eight more in its tensor. */
    private static final int MOST_GROWTH = 16;

    /**
     * What a request will take at most beside its own bytes, which its raw contents are part of.
     *
     * @param message that is not read yet
     */
    static long memory(byte[] message) {
        CodedInputStream in = CodedInputStream.newInstance(message);
        long raw = 0;
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                int before = in.getTotalBytesRead();
                in.skipField(tag);
                if (WireFormat.getTagFieldNumber(tag) == ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER) {
                    raw += in.getTotalBytesRead() - before;
                }
            }
        } catch (IOException _) {
            // Whoever reads it says why.
        }
        return MOST_GROWTH * (message.length - raw);
    }

    static InferRequest read(ModelInferRequest message) {
        boolean raw = message.getRawInputContentsCount() > 0;
        if (raw && message.getRawInputContentsCount() != message.getInputsCount()) {
            throw new TensorException("there are %d inputs and %d raw_input_contents: send one for each, or none"
                    .formatted(message.getInputsCount(), message.getRawInputContentsCount()));
        }
        List<Tensor> inputs = new ArrayList<>(message.getInputsCount());
        for (int i = 0; i < message.getInputsCount(); i++) {
            InferInputTensor input = message.getInputs(i);
            Metadata.requireOwn(input.getParametersMap().keySet());
            Datatype datatype = datatype(input);
            long[] shape =
                    input.getShapeList().stream().mapToLong(Long::longValue).toArray();
            if (Arrays.stream(shape).anyMatch(dimension -> dimension < 0)) {
                throw new TensorException("input %s: a dimension is a number of 0 or more: %s"
                        .formatted(input.getName(), Arrays.toString(shape)));
            }
            if (raw && input.hasContents()) {
                throw new TensorException(
                        "input %s has contents beside raw_input_contents: send one of them".formatted(input.getName()));
            }
            ByteBuffer data = raw
                    ? message.getRawInputContents(i).asReadOnlyByteBuffer().slice()
                    : contents(input.getName(), datatype, input.getContents());
            inputs.add(new Tensor(input.getName(), datatype, shape, data));
        }
        message.getOutputsList()
                .forEach(output -> Metadata.requireOwn(output.getParametersMap().keySet()));
        List<InferRequest.Wanted> outputs = message.getOutputsList().stream()
                .map(output -> new InferRequest.Wanted(output.getName(), null))
                .toList();
        return new InferRequest(message.getId(), Map.of(), inputs, outputs, raw);
    }

    private static Datatype datatype(InferInputTensor input) {
        try {
            return Datatype.valueOf(input.getDatatype());
        } catch (IllegalArgumentException _) {
            throw new TensorException("input %s: \"%s\" is no datatype; there are %s"
                    .formatted(input.getName(), input.getDatatype(), Arrays.toString(Datatype.values())));
        }
    }

    private static ByteBuffer contents(String name, Datatype datatype, InferTensorContents contents) {
        return switch (datatype) {
            case BOOL ->
                filled(
                        contents.getBoolContentsCount(),
                        1,
                        (data, i) -> data.put((byte) (contents.getBoolContents(i) ? 1 : 0)));
            case INT8 ->
                filled(
                        contents.getIntContentsCount(),
                        1,
                        (data, i) -> data.put((byte)
                                within(name, datatype, contents.getIntContents(i), Byte.MIN_VALUE, Byte.MAX_VALUE)));
            case INT16 ->
                filled(
                        contents.getIntContentsCount(),
                        2,
                        (data, i) -> data.putShort((short)
                                within(name, datatype, contents.getIntContents(i), Short.MIN_VALUE, Short.MAX_VALUE)));
            case INT32 ->
                filled(contents.getIntContentsCount(), 4, (data, i) -> data.putInt(contents.getIntContents(i)));
            case INT64 ->
                filled(contents.getInt64ContentsCount(), 8, (data, i) -> data.putLong(contents.getInt64Contents(i)));
            case UINT8 ->
                filled(
                        contents.getUintContentsCount(),
                        1,
                        (data, i) -> data.put(
                                (byte) within(name, datatype, contents.getUintContents(i) & 0xFFFF_FFFFL, 0, 0xFF)));
            case UINT16 ->
                filled(
                        contents.getUintContentsCount(),
                        2,
                        (data, i) -> data.putShort(
                                (short) within(name, datatype, contents.getUintContents(i) & 0xFFFF_FFFFL, 0, 0xFFFF)));
            case UINT32 ->
                filled(contents.getUintContentsCount(), 4, (data, i) -> data.putInt(contents.getUintContents(i)));
            case UINT64 ->
                filled(contents.getUint64ContentsCount(), 8, (data, i) -> data.putLong(contents.getUint64Contents(i)));
            case FP32 ->
                filled(contents.getFp32ContentsCount(), 4, (data, i) -> data.putFloat(contents.getFp32Contents(i)));
            case FP64 ->
                filled(contents.getFp64ContentsCount(), 8, (data, i) -> data.putDouble(contents.getFp64Contents(i)));
            case BYTES ->
                TextElements.of(contents.getBytesContentsList().stream()
                        .map(ByteString::toByteArray)
                        .toList());
            case FP16, BF16 ->
                throw new TensorException(
                        "input %s: %s has no contents of its own: send raw_input_contents".formatted(name, datatype));
        };
    }

    private static long within(String name, Datatype datatype, long value, long least, long most) {
        if (value < least || value > most) {
            throw new TensorException("input %s: %d is no %s".formatted(name, value, datatype));
        }
        return value;
    }

    private interface Element {
        void put(ByteBuffer data, int i);
    }

    private static ByteBuffer filled(int count, int width, Element element) {
        ByteBuffer data = ByteBuffer.allocate(Math.multiplyExact(count, width)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            element.put(data, i);
        }
        return data.flip();
    }

    static ModelInferResponse write(
            ModelInferRequest message, InferRequest request, ServedModel model, List<Tensor> given) {
        ModelInferResponse.Builder reply = ModelInferResponse.newBuilder()
                .setModelName(model.name())
                .setModelVersion(model.version())
                .setId(message.getId())
                .putAllParameters(message.getParametersMap());
        List<Tensor> outputs = request.choose(given);
        boolean raw = request.binary()
                || outputs.stream()
                        .anyMatch(output -> output.datatype() == Datatype.FP16 || output.datatype() == Datatype.BF16);
        for (Tensor output : outputs) {
            ModelInferResponse.InferOutputTensor.Builder tensor = ModelInferResponse.InferOutputTensor.newBuilder()
                    .setName(output.name())
                    .setDatatype(output.datatype().name());
            for (long dimension : output.shape()) {
                tensor.addShape(dimension);
            }
            if (raw) {
                reply.addRawOutputContents(ByteString.copyFrom(output.data().duplicate()));
            } else {
                tensor.setContents(contents(output));
            }
            reply.addOutputs(tensor);
        }
        return reply.build();
    }

    private static InferTensorContents contents(Tensor output) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        if (output.datatype() == Datatype.BYTES) {
            TextElements.read(output).forEach(text -> contents.addBytesContents(ByteString.copyFrom(text)));
            return contents.build();
        }
        ByteBuffer data = output.data();
        int width = Tensor.width(output.datatype());
        for (int at = 0; at < data.limit(); at += width) {
            switch (output.datatype()) {
                case BOOL -> contents.addBoolContents(data.get(at) != 0);
                case INT8 -> contents.addIntContents(data.get(at));
                case INT16 -> contents.addIntContents(data.getShort(at));
                case INT32 -> contents.addIntContents(data.getInt(at));
                case INT64 -> contents.addInt64Contents(data.getLong(at));
                case UINT8 -> contents.addUintContents(data.get(at) & 0xFF);
                case UINT16 -> contents.addUintContents(data.getShort(at) & 0xFFFF);
                case UINT32 -> contents.addUintContents(data.getInt(at));
                case UINT64 -> contents.addUint64Contents(data.getLong(at));
                case FP32 -> contents.addFp32Contents(data.getFloat(at));
                case FP64 -> contents.addFp64Contents(data.getDouble(at));
                case FP16, BF16, BYTES -> throw new IllegalStateException("written as bytes");
            }
        }
        return contents.build();
    }

    static ServerMetadataResponse write(Metadata.Server server) {
        return ServerMetadataResponse.newBuilder()
                .setName(server.name())
                .setVersion(server.version())
                .addAllExtensions(server.extensions())
                .build();
    }

    static ModelMetadataResponse write(Metadata.Model model) {
        return ModelMetadataResponse.newBuilder()
                .setName(model.name())
                .addAllVersions(model.versions())
                .setPlatform(model.platform())
                .addAllInputs(model.inputs().stream().map(GrpcCodec::tensor).toList())
                .addAllOutputs(model.outputs().stream().map(GrpcCodec::tensor).toList())
                .build();
    }

    private static ModelMetadataResponse.TensorMetadata tensor(Metadata.Tensor tensor) {
        return ModelMetadataResponse.TensorMetadata.newBuilder()
                .setName(tensor.name())
                .setDatatype(tensor.datatype())
                .addAllShape(tensor.shape())
                .build();
    }
}
