package dev.tidemill.functions.model.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.Serving;
import dev.tidemill.functions.model.protocol.grpc.ErrorResponse;
import dev.tidemill.functions.model.protocol.grpc.HealthCheckRequest;
import dev.tidemill.functions.model.protocol.grpc.HealthCheckResponse;
import dev.tidemill.functions.model.protocol.grpc.InferParameter;
import dev.tidemill.functions.model.protocol.grpc.InferTensorContents;
import dev.tidemill.functions.model.protocol.grpc.ModelInferRequest;
import dev.tidemill.functions.model.protocol.grpc.ModelInferResponse;
import dev.tidemill.functions.model.protocol.grpc.ModelReadyRequest;
import dev.tidemill.functions.model.protocol.grpc.ModelReadyResponse;
import dev.tidemill.functions.model.protocol.grpc.ServerReflectionRequest;
import dev.tidemill.functions.model.protocol.grpc.ServerReflectionResponse;
import dev.tidemill.functions.model.protocol.grpc.ServiceResponse;
import dev.tidemill.functions.model.tensor.Tensor;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is this server's own over gRPC: types that no engine has, limits, deadlines. */
class GrpcTest {

    private static final String INFER = "inference.GRPCInferenceService/ModelInfer";
    private static final String WATCH = "grpc.health.v1.Health/Watch";
    private static final int DEADLINE_EXCEEDED = 4;
    private static final int NOT_FOUND = 5;
    private static final int RESOURCE_EXHAUSTED = 8;
    private static final int INTERNAL = 13;
    private static final int UNAVAILABLE = 14;

    @Test
    void everyDatatypeComesBackAsItWasSent() throws Exception {
        try (ServedModel model = Echo.served(Datatype.values());
                ServerUnderTest server = new ServerUnderTest(model);
                GrpcCalls calls = new GrpcCalls(server.url())) {
            ModelInferRequest.Builder request =
                    ModelInferRequest.newBuilder().setModelName("echo").setId("7");
            request.putParameters(
                    "a", InferParameter.newBuilder().setDoubleParam(0.5).build());
            for (Datatype datatype : Datatype.values()) {
                request.addInputsBuilder()
                        .setName("in_" + datatype)
                        .setDatatype(datatype.name())
                        .addShape(1)
                        .addShape(2);
                byte[] bytes = datatype == Datatype.BYTES
                        ? new byte[] {0, 0, 0, 0, 2, 0, 0, 0, -1, 0}
                        : new byte[2 * Tensor.width(datatype)];
                if (datatype != Datatype.BYTES) {
                    for (int i = 0; i < bytes.length; i++) {
                        bytes[i] = (byte) (datatype == Datatype.BOOL ? i : 0x11 * (i + 3));
                    }
                }
                request.addRawInputContents(ByteString.copyFrom(bytes));
            }
            ModelInferResponse reply = calls.call("ModelInfer", request.build(), ModelInferResponse.parser());
            assertThat(reply.getRawOutputContentsList()).isEqualTo(request.getRawInputContentsList());
            assertThat(reply.getOutputsList())
                    .extracting(ModelInferResponse.InferOutputTensor::getDatatype)
                    .containsExactly(java.util.Arrays.stream(Datatype.values())
                            .map(Datatype::name)
                            .toArray(String[]::new));
            assertThat(reply.getId()).isEqualTo("7");
            assertThat(reply.getParametersMap()).isEqualTo(request.getParametersMap());
        }
    }

    @Test
    void typedContentsComeBackTyped() throws Exception {
        try (ServedModel model = Echo.served(Datatype.UINT8, Datatype.UINT64, Datatype.BYTES, Datatype.INT16);
                ServerUnderTest server = new ServerUnderTest(model);
                GrpcCalls calls = new GrpcCalls(server.url())) {
            List<InferTensorContents> contents = List.of(
                    InferTensorContents.newBuilder()
                            .addUintContents(0)
                            .addUintContents(255)
                            .build(),
                    InferTensorContents.newBuilder()
                            .addUint64Contents(-1)
                            .addUint64Contents(1)
                            .build(),
                    InferTensorContents.newBuilder()
                            .addBytesContents(ByteString.EMPTY)
                            .addBytesContents(ByteString.copyFrom(new byte[] {-1}))
                            .build(),
                    InferTensorContents.newBuilder()
                            .addIntContents(-32768)
                            .addIntContents(32767)
                            .build());
            ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("echo");
            List<Datatype> types = List.of(Datatype.UINT8, Datatype.UINT64, Datatype.BYTES, Datatype.INT16);
            for (int i = 0; i < types.size(); i++) {
                request.addInputsBuilder()
                        .setName("in_" + types.get(i))
                        .setDatatype(types.get(i).name())
                        .addShape(1)
                        .addShape(2)
                        .setContents(contents.get(i));
            }
            ModelInferResponse reply = calls.call("ModelInfer", request.build(), ModelInferResponse.parser());
            assertThat(reply.getOutputsList())
                    .extracting(ModelInferResponse.InferOutputTensor::getContents)
                    .isEqualTo(contents);
        }
    }

    @Test
    void whatUnpacksToMoreThanTheLimitIsRefusedAndTheServerGoesOn() throws Exception {
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model);
                GrpcCalls calls = new GrpcCalls(server.url())) {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
                gzip.write(new byte[1 << 27]);
            }
            assertThat(calls.call(INFER, Map.of("grpc-encoding", "gzip"), GrpcCalls.framed(1, packed.toByteArray()))
                            .status())
                    .isEqualTo(RESOURCE_EXHAUSTED);
            byte[] large = new byte[(int) ServerUnderTest.MOST_BYTES + 1];
            assertThat(calls.call(INFER, Map.of(), GrpcCalls.framed(0, large)).status())
                    .isEqualTo(RESOURCE_EXHAUSTED);
            assertThat(calls.call(INFER, Map.of(), row(1)).status()).isZero();
        }
    }

    @Test
    void whatIsNotAnsweredInTheClientsTimeIsGivenUp() throws Exception {
        Semaphore closed = new Semaphore(0);
        try (ServedModel model = Echo.busy(closed, 100);
                ServerUnderTest server = new ServerUnderTest(model);
                GrpcCalls calls = new GrpcCalls(server.url())) {
            GrpcCalls.Answer late = calls.call(INFER, Map.of("grpc-timeout", "50m"), row(1));
            assertThat(late.status()).isEqualTo(DEADLINE_EXCEEDED);
            assertThat(late.trailer("grpc-message")).contains("50 ms");
            closed.release();
            assertThat(calls.call(INFER, Map.of("grpc-timeout", "1M"), row(1)).status())
                    .isZero();
        }
    }

    @Test
    void whenTooMuchWaitsTheClientIsToldWhenToComeBack() throws Exception {
        Semaphore closed = new Semaphore(0);
        try (ServedModel model = Echo.busy(closed, 2);
                ServerUnderTest server = new ServerUnderTest(model);
                GrpcCalls calls = new GrpcCalls(server.url())) {
            List<CompletableFuture<GrpcCalls.Answer>> replies = IntStream.range(0, 12)
                    .mapToObj(i -> calls.later(INFER, Map.of(), row(i)))
                    .toList();
            // Two wait and one is being computed; the others are answered while nothing is let through.
            CompletableFuture.anyOf(replies.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
            closed.release();
            List<GrpcCalls.Answer> refused = new ArrayList<>();
            for (CompletableFuture<GrpcCalls.Answer> reply : replies) {
                GrpcCalls.Answer answer = reply.get(60, TimeUnit.SECONDS);
                if (answer.status() != 0) {
                    refused.add(answer);
                }
            }
            assertThat(refused).hasSizeBetween(1, 10).allSatisfy(answer -> {
                assertThat(answer.status()).isEqualTo(UNAVAILABLE);
                assertThat(answer.trailer("grpc-retry-pushback-ms")).isEqualTo("1000");
                Status details = Status.parseFrom(
                        Base64.getDecoder().decode(Objects.requireNonNull(answer.trailer("grpc-status-details-bin"))));
                assertThat(details.getCode()).isEqualTo(UNAVAILABLE);
                assertThat(details.getDetails(0)
                                .unpack(RetryInfo.class)
                                .getRetryDelay()
                                .getSeconds())
                        .isEqualTo(1);
            });
        }
    }

    @Test
    void oneBadRowInSixtyFourFailsAlone() throws Exception {
        try (ServedModel model = Models.load(Models.config(
                        Format.PyTorch,
                        Models.FOLDER.resolve("embedding.pt"),
                        List.of(Models.tensor("index", Datatype.INT64, -1, 2)),
                        List.of(Models.tensor("sum", Datatype.FP32, -1, 4)),
                        64));
                ServerUnderTest server = new ServerUnderTest(model);
                GrpcCalls calls = new GrpcCalls(server.url())) {
            List<CompletableFuture<GrpcCalls.Answer>> replies = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                ModelInferRequest.Builder request =
                        ModelInferRequest.newBuilder().setModelName("embedding").setId(Integer.toString(i));
                request.addInputsBuilder()
                        .setName("index")
                        .setDatatype("INT64")
                        .addShape(1)
                        .addShape(2)
                        .setContents(InferTensorContents.newBuilder()
                                .addInt64Contents(i == 41 ? 100 : i)
                                .addInt64Contents(0));
                replies.add(calls.later(
                        INFER, Map.of(), GrpcCalls.framed(0, request.build().toByteArray())));
            }
            for (int i = 0; i < 64; i++) {
                GrpcCalls.Answer answer = replies.get(i).get(60, TimeUnit.SECONDS);
                if (i == 41) {
                    assertThat(answer.status()).isEqualTo(INTERNAL);
                    assertThat(answer.trailer("grpc-message")).contains("index out of range");
                } else {
                    ModelInferResponse reply = ModelInferResponse.parseFrom(answer.message());
                    assertThat(reply.getId()).isEqualTo(Integer.toString(i));
                    assertThat(reply.getOutputs(0).getContents().getFp32Contents(0))
                            .isEqualTo(4 * i);
                }
            }
        }
    }

    @Test
    void tellsItsHealthAsGrpcHasIt() throws Exception {
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model);
                ServerUnderTest loading = new ServerUnderTest(new Serving(), _ -> {});
                ServedModel broken = Echo.dead();
                ServerUnderTest dead = new ServerUnderTest(broken);
                GrpcCalls calls = new GrpcCalls(server.url());
                GrpcCalls early = new GrpcCalls(loading.url());
                GrpcCalls late = new GrpcCalls(dead.url())) {
            assertThat(health(calls, "")).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
            assertThat(health(calls, "inference.GRPCInferenceService"))
                    .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
            assertThat(health(early, "")).isEqualTo(HealthCheckResponse.ServingStatus.NOT_SERVING);
            assertThat(health(late, "")).isEqualTo(HealthCheckResponse.ServingStatus.NOT_SERVING);
            assertThat(early.call(
                                    "ModelReady",
                                    ModelReadyRequest.newBuilder()
                                            .setName("digits")
                                            .build(),
                                    ModelReadyResponse.parser())
                            .getReady())
                    .isFalse();
            assertThat(early.call(INFER, Map.of(), row(1)).status()).isEqualTo(UNAVAILABLE);
        }
    }

    @Test
    void whoWatchesItsHealthIsToldTheStatusAndEachChange() throws Exception {
        Serving serving = new Serving();
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(serving, _ -> {});
                GrpcCalls calls = new GrpcCalls(server.url());
                GrpcCalls.Stream watched = calls.open(WATCH, watch(""));
                GrpcCalls.Stream unknown = calls.open(WATCH, watch("none"))) {
            // It waits for the end of the request, which has one message.
            watched.call().end();
            unknown.call().end();
            assertThat(HealthCheckResponse.parseFrom(watched.next()).getStatus())
                    .isEqualTo(HealthCheckResponse.ServingStatus.NOT_SERVING);
            assertThat(HealthCheckResponse.parseFrom(unknown.next()).getStatus())
                    .isEqualTo(HealthCheckResponse.ServingStatus.SERVICE_UNKNOWN);

            serving.model().complete(model);

            assertThat(HealthCheckResponse.parseFrom(watched.next()).getStatus())
                    .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
            GrpcCalls.Answer late = calls.call(WATCH, Map.of("grpc-timeout", "1S"), GrpcCalls.framed(0, watch("")));
            assertThat(HealthCheckResponse.parseFrom(late.message()).getStatus())
                    .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
            assertThat(late.status()).isEqualTo(DEADLINE_EXCEEDED);
        }
    }

    /** What is sent at once is read at once: a call is taken back while its answer, or the end of it, waits to be written. */
    @Test
    void aCallThatIsTakenBackLeavesTheConnectionToTheOthers() throws Exception {
        byte[] asked = GrpcCalls.framed(
                        0,
                        ServerReflectionRequest.newBuilder()
                                .setListServices("*")
                                .build()
                                .toByteArray())
                .getBytes();
        byte[] check = GrpcCalls.framed(0, watch("")).getBytes();
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model);
                Frames frames = new Frames(server.port())) {
            frames.send(
                    grpc(1, "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
                    Frames.data(1, false, asked),
                    grpc(3, "grpc.health.v1.Health/Check"),
                    Frames.data(3, true, check),
                    Frames.cancel(3));
            frames.await(1, Frames.DATA, 0);
            frames.send(
                    Frames.data(1, true),
                    Frames.cancel(1),
                    grpc(5, "grpc.health.v1.Health/Check"),
                    Frames.data(5, true, check));
            frames.await(5, Frames.HEADERS, Frames.END_STREAM);
        }
    }

    private static byte[] grpc(int stream, String method) {
        return Frames.head(stream, false, "POST", "/" + method, "content-type", "application/grpc", "te", "trailers");
    }

    private static byte[] watch(String service) {
        return HealthCheckRequest.newBuilder().setService(service).build().toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v1alpha"})
    void tellsWhatItSpeaksWhileTheCallIsOpen(String version) throws Exception {
        String path = "grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo";
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model);
                GrpcCalls calls = new GrpcCalls(server.url());
                GrpcCalls.Stream asked = calls.open(
                        path,
                        ServerReflectionRequest.newBuilder()
                                .setListServices("*")
                                .build()
                                .toByteArray())) {
            assertThat(ServerReflectionResponse.parseFrom(asked.next())
                            .getListServicesResponse()
                            .getServiceList())
                    .extracting(ServiceResponse::getName)
                    .containsExactlyInAnyOrder(
                            "inference.GRPCInferenceService",
                            "grpc.health.v1.Health",
                            "grpc.reflection.v1.ServerReflection");

            for (String symbol : List.of(
                    "inference.GRPCInferenceService.ModelInfer",
                    "inference.ModelInferRequest.InferInputTensor",
                    "inference.InferParameter")) {
                asked.send(ServerReflectionRequest.newBuilder()
                        .setFileContainingSymbol(symbol)
                        .build()
                        .toByteArray());
                FileDescriptorProto file =
                        FileDescriptorProto.parseFrom(ServerReflectionResponse.parseFrom(asked.next())
                                .getFileDescriptorResponse()
                                .getFileDescriptorProto(0));
                assertThat(file)
                        .isEqualTo(ModelInferRequest.getDescriptor().getFile().toProto());
            }
            asked.send(ServerReflectionRequest.newBuilder()
                    .setFileContainingSymbol("inference.None")
                    .build()
                    .toByteArray());
            ErrorResponse none =
                    ServerReflectionResponse.parseFrom(asked.next()).getErrorResponse();
            assertThat(none.getErrorCode()).isEqualTo(NOT_FOUND);
            assertThat(none.getErrorMessage()).contains("inference.None");

            GrpcCalls.Answer large = calls.call(path, Map.of(), GrpcCalls.framed(0, new byte[1 << 17]));
            assertThat(large.status()).isEqualTo(RESOURCE_EXHAUSTED);
        }
    }

    private static HealthCheckResponse.ServingStatus health(GrpcCalls calls, String service) throws Exception {
        byte[] request =
                HealthCheckRequest.newBuilder().setService(service).build().toByteArray();
        GrpcCalls.Answer answer = calls.call("grpc.health.v1.Health/Check", Map.of(), GrpcCalls.framed(0, request));
        assertThat(answer.status()).isZero();
        return HealthCheckResponse.parseFrom(answer.message()).getStatus();
    }

    private static Buffer row(int value) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("echo");
        request.addInputsBuilder()
                .setName("in_FP32")
                .setDatatype("FP32")
                .addShape(1)
                .addShape(2)
                .setContents(
                        InferTensorContents.newBuilder().addFp32Contents(value).addFp32Contents(0));
        return GrpcCalls.framed(0, request.build().toByteArray());
    }
}
