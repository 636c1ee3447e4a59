package dev.tidemill.functions.model.protocol;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.Serving;
import dev.tidemill.functions.model.protocol.Refusal.Kind;
import dev.tidemill.functions.model.protocol.grpc.HealthCheckRequest;
import dev.tidemill.functions.model.protocol.grpc.HealthCheckResponse;
import dev.tidemill.functions.model.protocol.grpc.HealthCheckResponse.ServingStatus;
import dev.tidemill.functions.model.protocol.grpc.ModelInferRequest;
import dev.tidemill.functions.model.protocol.grpc.ModelInferResponse;
import dev.tidemill.functions.model.protocol.grpc.ModelMetadataRequest;
import dev.tidemill.functions.model.protocol.grpc.ModelReadyRequest;
import dev.tidemill.functions.model.protocol.grpc.ModelReadyResponse;
import dev.tidemill.functions.model.protocol.grpc.ServerLiveRequest;
import dev.tidemill.functions.model.protocol.grpc.ServerLiveResponse;
import dev.tidemill.functions.model.protocol.grpc.ServerMetadataRequest;
import dev.tidemill.functions.model.protocol.grpc.ServerReadyRequest;
import dev.tidemill.functions.model.protocol.grpc.ServerReadyResponse;
import dev.tidemill.functions.model.protocol.grpc.ServerReflectionRequest;
import dev.tidemill.functions.model.tensor.Tensor;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;

/** {@code inference.GRPCInferenceService}, and gRPC's own services for health and reflection, on the port of REST. */
@Singleton
class GrpcRoutes {

    private static final String INFERENCE = "inference.GRPCInferenceService";
    private static final String HEALTH = "grpc.health.v1.Health";
    /** What clients ask for first, and what older ones know. */
    private static final List<String> REFLECTION =
            List.of("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection");

    private final Serving serving;
    private final Intake intake;
    private final Meter meter;
    /** How a call is served, by the path of its method. */
    private final Map<String, Consumer<GrpcCall>> methods = new HashMap<>();

    GrpcRoutes(Serving serving, Intake intake, Meter meter) {
        this.serving = serving;
        this.intake = intake;
        this.meter = meter;
        method(
                INFERENCE,
                "ServerLive",
                ServerLiveRequest.parser(),
                _ -> ServerLiveResponse.newBuilder().setLive(serving.live()).build());
        method(
                INFERENCE,
                "ServerReady",
                ServerReadyRequest.parser(),
                _ -> ServerReadyResponse.newBuilder().setReady(ready()).build());
        method(INFERENCE, "ModelReady", ModelReadyRequest.parser(), this::ready);
        method(INFERENCE, "ServerMetadata", ServerMetadataRequest.parser(), _ -> GrpcCodec.write(Metadata.Server.of()));
        method(
                INFERENCE,
                "ModelMetadata",
                ModelMetadataRequest.parser(),
                request -> GrpcCodec.write(
                        Metadata.Model.of(Metadata.find(serving, request.getName(), request.getVersion()))));
        method(HEALTH, "Check", HealthCheckRequest.parser(), this::check);
        methods.put("/" + INFERENCE + "/ModelInfer", this::infer);
        methods.put(
                "/" + HEALTH + "/Watch",
                call -> call.receive(message -> watch(call, parsed(HealthCheckRequest.parser(), message))));
        for (String service : REFLECTION) {
            methods.put(
                    "/" + service + "/ServerReflectionInfo",
                    call -> call.receiveEach(message ->
                            call.send(Reflection.answer(parsed(ServerReflectionRequest.parser(), message)))));
        }
    }

    /** A method that answers at once. */
    private <A extends Message> void method(
            String service, String name, Parser<A> parser, Function<A, Message> answer) {
        methods.put(
                "/" + service + "/" + name,
                call -> call.receive(message -> call.answer(answer.apply(parsed(parser, message)))));
    }

    void register(@Observes Router router) {
        router.route().order(0).handler(route -> {
            if (GrpcCall.is(route.request())) {
                call(route);
            } else {
                route.next();
            }
        });
    }

    private void call(RoutingContext route) {
        HttpServerRequest request = route.request();
        if (request.version() != HttpVersion.HTTP_2) {
            request.response().setStatusCode(505).end("gRPC is spoken over HTTP/2");
            return;
        }
        GrpcCall call = new GrpcCall(route, intake);
        methods.getOrDefault(
                        request.path(),
                        _ -> call.refuse(
                                new Refusal(Kind.NO_SUCH_METHOD, "this server has no method " + request.path())))
                .accept(call);
    }

    private boolean ready() {
        return serving.live() && serving.ready().isPresent();
    }

    private ModelReadyResponse ready(ModelReadyRequest request) {
        boolean ready = serving.ready().isPresent()
                && Metadata.find(serving, request.getName(), request.getVersion())
                        .alive();
        return ModelReadyResponse.newBuilder().setReady(ready).build();
    }

    private HealthCheckResponse check(HealthCheckRequest request) {
        HealthCheckResponse health = health(request);
        if (health.getStatus() == ServingStatus.SERVICE_UNKNOWN) {
            throw new Refusal(Kind.NOT_FOUND, "there is no service %s here".formatted(request.getService()));
        }
        return health;
    }

    /** The status as it is, and from then on each other one. */
    private void watch(GrpcCall call, HealthCheckRequest request) {
        AtomicReference<HealthCheckResponse> told = new AtomicReference<>();
        call.often(() -> {
            HealthCheckResponse health = health(request);
            if (!health.equals(told.getAndSet(health))) {
                call.send(health);
            }
            if (serving.ending()) {
                call.refuse(new Refusal(Kind.BUSY, "the server is going down"));
            }
        });
    }

    private HealthCheckResponse health(HealthCheckRequest request) {
        ServingStatus status = !List.of("", INFERENCE).contains(request.getService())
                ? ServingStatus.SERVICE_UNKNOWN
                : ready() && !serving.ending() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        return HealthCheckResponse.newBuilder().setStatus(status).build();
    }

    private void infer(GrpcCall call) {
        long began = System.nanoTime();
        call.whenOver(status -> meter.answered(Meter.Transport.GRPC, status, began));
        call.receive(message -> infer(call, message));
    }

    private void infer(GrpcCall call, byte[] bytes) {
        call.held().take(GrpcCodec.memory(bytes));
        ModelInferRequest message = parsed(ModelInferRequest.parser(), bytes);
        ServedModel model = Metadata.find(serving, message.getModelName(), message.getModelVersion());
        Inference.run(new Exchange(call, message, model), bytes.length, model, call.held(), call.context());
    }

    /** One inference over gRPC. */
    private record Exchange(GrpcCall call, ModelInferRequest message, ServedModel model)
            implements Inference.Exchange<ModelInferResponse> {

        @Override
        public InferRequest read() {
            return GrpcCodec.read(message);
        }

        @Override
        public ModelInferResponse write(InferRequest request, List<Tensor> outputs) {
            return GrpcCodec.write(message, request, model, outputs);
        }

        @Override
        public void send(ModelInferResponse answer) {
            call.answer(answer);
        }

        @Override
        public void refuse(Throwable failure) {
            call.refuse(failure);
        }
    }

    /** Fields of bytes are parts of the message's own. */
    private static <A extends Message> A parsed(Parser<A> parser, byte[] message) {
        try {
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(message).newCodedInput();
            in.enableAliasing(true);
            return parser.parseFrom(in);
        } catch (InvalidProtocolBufferException e) {
            throw new Refusal(Kind.INVALID, "the message is not of this method: " + e.getMessage());
        }
    }
}
