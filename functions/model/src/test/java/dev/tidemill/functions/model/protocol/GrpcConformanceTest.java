package dev.tidemill.functions.model.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.protocol.grpc.InferTensorContents;
import dev.tidemill.functions.model.protocol.grpc.ModelInferRequest;
import dev.tidemill.functions.model.protocol.grpc.ModelInferRequest.InferInputTensor;
import dev.tidemill.functions.model.protocol.grpc.ModelInferRequest.InferRequestedOutputTensor;
import dev.tidemill.functions.model.protocol.grpc.ModelInferResponse;
import dev.tidemill.functions.model.protocol.grpc.ModelMetadataRequest;
import dev.tidemill.functions.model.protocol.grpc.ModelMetadataResponse;
import dev.tidemill.functions.model.protocol.grpc.ModelReadyRequest;
import dev.tidemill.functions.model.protocol.grpc.ModelReadyResponse;
import dev.tidemill.functions.model.protocol.grpc.ServerLiveRequest;
import dev.tidemill.functions.model.protocol.grpc.ServerLiveResponse;
import dev.tidemill.functions.model.protocol.grpc.ServerMetadataRequest;
import dev.tidemill.functions.model.protocol.grpc.ServerMetadataResponse;
import dev.tidemill.functions.model.protocol.grpc.ServerReadyRequest;
import dev.tidemill.functions.model.protocol.grpc.ServerReadyResponse;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the gRPC part of the Open Inference Protocol v2 says, asked of any server over h2c, as {@link ConformanceTest} asks the REST part.
 *
 * <pre>./mvnw -pl functions/model test -Dtest=GrpcConformanceTest -Dconformance.grpc=http://localhost:8001 -Dconformance.model=digits</pre>
 *
 * Through a gateway that goes by the authority, {@code -Dconformance.host} says which one is meant.
 */
class GrpcConformanceTest {

    private static final int INVALID_ARGUMENT = 3;
    private static final int NOT_FOUND = 5;
    private static final int UNIMPLEMENTED = 12;
    private static final String INFER = "inference.GRPCInferenceService/ModelInfer";

    private static URI address = URI.create(System.getProperty("conformance.grpc", ""));
    private static String model = System.getProperty("conformance.model", "digits");
    private static AutoCloseable own = () -> {};
    private static GrpcCalls server;

    @BeforeAll
    static void start() {
        if (address.toString().isEmpty()) {
            ServedModel loaded = Models.load(Models.config(
                    Format.ONNX, Models.FOLDER.resolve("digits.onnx"), Models.DIGITS_IN, Models.DIGITS_OUT, 8));
            ServerUnderTest started = new ServerUnderTest(loaded);
            address = started.url();
            own = () -> {
                started.close();
                loaded.close();
            };
        }
        server = new GrpcCalls(address, System.getProperty("conformance.host", address.getAuthority()));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        own.close();
    }

    private static <T extends Message> T call(String method, Message request, Parser<T> reply) throws Exception {
        return server.call(method, request, reply);
    }

    @Test
    void isLiveAndReady() throws Exception {
        assertThat(call("ServerLive", ServerLiveRequest.getDefaultInstance(), ServerLiveResponse.parser())
                        .getLive())
                .isTrue();
        assertThat(call("ServerReady", ServerReadyRequest.getDefaultInstance(), ServerReadyResponse.parser())
                        .getReady())
                .isTrue();
        ModelReadyRequest asked = ModelReadyRequest.newBuilder().setName(model).build();
        assertThat(call("ModelReady", asked, ModelReadyResponse.parser()).getReady())
                .isTrue();
    }

    @Test
    void tellsWhatTheServerAndTheModelAre() throws Exception {
        assertThat(call("ServerMetadata", ServerMetadataRequest.getDefaultInstance(), ServerMetadataResponse.parser())
                        .getName())
                .isNotEmpty();
        ModelMetadataResponse metadata = metadata();
        assertThat(metadata.getName()).isEqualTo(model);
        assertThat(metadata.getPlatform()).isNotEmpty();
        for (List<ModelMetadataResponse.TensorMetadata> tensors :
                List.of(metadata.getInputsList(), metadata.getOutputsList())) {
            assertThat(tensors).isNotEmpty().allSatisfy(tensor -> {
                assertThat(tensor.getName()).isNotEmpty();
                assertThat(tensor.getDatatype()).matches("BOOL|U?INT(8|16|32|64)|FP(16|32|64)|BF16|BYTES");
                assertThat(tensor.getShapeList()).isNotEmpty();
            });
        }
    }

    @Test
    void givesEveryOutputTheIdAndEachVersion() throws Exception {
        ModelInferResponse reply = infer(request().setId("a b/ü"));
        assertThat(reply.getModelName()).isEqualTo(model);
        assertThat(reply.getId()).isEqualTo("a b/ü");
        assertThat(reply.getOutputsList())
                .extracting(ModelInferResponse.InferOutputTensor::getName)
                .containsExactlyElementsOf(metadata().getOutputsList().stream()
                        .map(ModelMetadataResponse.TensorMetadata::getName)
                        .toList());
        for (String version : metadata().getVersionsList()) {
            assertThat(infer(request().setModelVersion(version)).getModelVersion())
                    .isEqualTo(version);
        }
    }

    @Test
    void takesRawContentsAndGivesTheSame() throws Exception {
        ModelInferRequest.Builder raw = request();
        for (InferInputTensor.Builder input : raw.getInputsBuilderList()) {
            assertThat(input.getDatatype()).as("this suite sends raw FP32").isEqualTo("FP32");
            raw.addRawInputContents(
                    ByteString.copyFrom(new byte[4 * input.getContents().getFp32ContentsCount()]));
            input.clearContents();
        }
        ModelInferResponse typed = infer(request());
        ModelInferResponse reply = infer(raw);
        assertThat(reply.getOutputsList())
                .extracting(ModelInferResponse.InferOutputTensor::getShapeList)
                .isEqualTo(typed.getOutputsList().stream()
                        .map(ModelInferResponse.InferOutputTensor::getShapeList)
                        .collect(Collectors.toList()));
        assertThat(reply.getRawOutputContentsList().isEmpty()
                        || typed.getRawOutputContentsList().isEmpty()
                        || reply.getRawOutputContentsList().equals(typed.getRawOutputContentsList()))
                .isTrue();
    }

    @Test
    void givesTheOutputsThatAreAskedFor() throws Exception {
        String last = metadata().getOutputsList().getLast().getName();
        assertThat(infer(request()
                                .addOutputs(
                                        InferRequestedOutputTensor.newBuilder().setName(last)))
                        .getOutputsList())
                .singleElement()
                .satisfies(output -> assertThat(output.getName()).isEqualTo(last));
    }

    @Test
    void refusesWhatIsNotThere() {
        refused(NOT_FOUND, request -> request.setModelName("none"));
        refused(NOT_FOUND, request -> request.setModelVersion("none"));
    }

    @Test
    void refusesAnInputThatIsNotWhatItSays() {
        refused(INVALID_ARGUMENT, request -> request.getInputsBuilder(0).setName("none"));
        refused(INVALID_ARGUMENT, request -> request.getInputsBuilder(0).setDatatype("FP13"));
        refused(INVALID_ARGUMENT, request -> request.getInputsBuilder(0).clearShape());
        refused(INVALID_ARGUMENT, request -> request.getInputsBuilder(0).setShape(0, 2));
        refused(INVALID_ARGUMENT, request -> request.getInputsBuilder(0).setShape(0, Long.MAX_VALUE));
        refused(INVALID_ARGUMENT, request -> request.getInputsBuilder(0).setShape(0, -1));
        refused(
                INVALID_ARGUMENT,
                request -> request.getInputsBuilder(0).setShape(0, 0).clearContents());
        refused(INVALID_ARGUMENT, request -> request.getInputsBuilder(0).clearContents());
        refused(INVALID_ARGUMENT, ModelInferRequest.Builder::clearInputs);
        refused(INVALID_ARGUMENT, request -> request.addInputs(request.getInputs(0)));
        refused(
                INVALID_ARGUMENT,
                request -> request.addOutputs(
                        InferRequestedOutputTensor.newBuilder().setName("none")));
    }

    @Test
    void refusesAShapeOfMoreBytesThanCanBeCountedThoughNoneAreSent() {
        refused(INVALID_ARGUMENT, request -> {
            request.getInputsBuilder(0).setShape(0, 1L << 56).clearContents();
            request.addRawInputContents(ByteString.EMPTY);
        });
    }

    @Test
    void refusesRawContentsThatAreLongerOrShorterThanTheirShapeSays() {
        for (int surplus : new int[] {-4, -1, 1, 4}) {
            refused(INVALID_ARGUMENT, request -> {
                InferInputTensor.Builder input = request.getInputsBuilder(0);
                int bytes = 4 * input.getContents().getFp32ContentsCount() + surplus;
                request.addRawInputContents(ByteString.copyFrom(new byte[bytes]));
                input.clearContents();
            });
        }
    }

    @Test
    void saysThatItHasNoSuchMethod() throws Exception {
        assertThat(server.call(
                                "inference.GRPCInferenceService/RepositoryIndex",
                                Map.of(),
                                GrpcCalls.framed(0, new byte[0]))
                        .status())
                .isEqualTo(UNIMPLEMENTED);
        assertThat(server.call("no.Such/Service", Map.of(), GrpcCalls.framed(0, new byte[0]))
                        .status())
                .isEqualTo(UNIMPLEMENTED);
    }

    @Test
    void takesACompressedMessage() throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            request().build().writeTo(gzip);
        }
        GrpcCalls.Answer answer =
                server.call(INFER, Map.of("grpc-encoding", "gzip"), GrpcCalls.framed(1, packed.toByteArray()));
        assertThat(answer.status()).as(answer.trailer("grpc-message")).isZero();
    }

    @Test
    void answersAMessageThatItCannotRead() throws Exception {
        byte[] message = request().build().toByteArray();
        Map<String, Buffer> broken = Map.of(
                "cut short", GrpcCalls.framed(0, message).slice(0, message.length),
                "nothing", Buffer.buffer(),
                "no protobuf", GrpcCalls.framed(0, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}),
                "compressed by nothing that is named", GrpcCalls.framed(1, message));
        for (Map.Entry<String, Buffer> each : broken.entrySet()) {
            assertThat(server.call(INFER, Map.of(), each.getValue()).status())
                    .as(each.getKey())
                    .isPositive();
        }
        assertThat(server.call(INFER, Map.of("grpc-encoding", "zstd"), GrpcCalls.framed(1, message))
                        .status())
                .isEqualTo(UNIMPLEMENTED);
        assertThat(infer(request()).getOutputsList()).isNotEmpty();
    }

    private static void refused(int status, Consumer<ModelInferRequest.Builder> change) {
        assertThatThrownBy(() -> {
                    ModelInferRequest.Builder request = request();
                    change.accept(request);
                    infer(request);
                })
                .isInstanceOfSatisfying(GrpcCalls.Refused.class, refused -> {
                    assertThat(refused.status()).as(refused.getMessage()).isEqualTo(status);
                    assertThat(refused.getMessage()).isNotEmpty();
                });
    }

    private static ModelMetadataResponse metadata() throws Exception {
        return call(
                "ModelMetadata",
                ModelMetadataRequest.newBuilder().setName(model).build(),
                ModelMetadataResponse.parser());
    }

    private static ModelInferResponse infer(ModelInferRequest.Builder request) throws Exception {
        return call("ModelInfer", request.build(), ModelInferResponse.parser());
    }

    /** Zeros for every input, which are FP32; an open dimension is 1. */
    private static ModelInferRequest.Builder request() throws Exception {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(model);
        for (ModelMetadataResponse.TensorMetadata declared : metadata().getInputsList()) {
            InferInputTensor.Builder input =
                    request.addInputsBuilder().setName(declared.getName()).setDatatype(declared.getDatatype());
            int elements = 1;
            for (long size : declared.getShapeList()) {
                input.addShape(Math.max(1, size));
                elements *= (int) Math.max(1, size);
            }
            InferTensorContents.Builder contents = input.getContentsBuilder();
            for (int i = 0; i < elements; i++) {
                contents.addFp32Contents(0);
            }
        }
        return request;
    }
}
