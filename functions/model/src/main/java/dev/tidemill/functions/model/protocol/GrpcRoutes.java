package dev.tidemill.functions.model.protocol;

import com.google.protobuf.Message;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.Serving;
import dev.tidemill.functions.model.protocol.grpc.ModelInferRequest;
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
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.function.Function;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@code inference.GRPCInferenceService} on the port of REST. */
@Singleton
class GrpcRoutes {

    private static final String SERVICE = "inference.GRPCInferenceService";

    private final Serving serving;
    private final GrpcServer server;

    GrpcRoutes(
            Vertx vertx,
            Serving serving,
            @ConfigProperty(name = "tidemill.body.limit", defaultValue = "67108864") long mostBytes) {
        this.serving = serving;
        this.server = GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(mostBytes));
    }

    void register(@Observes Router router) {
        unary(
                "ServerLive",
                ServerLiveRequest.getDefaultInstance(),
                ServerLiveResponse.getDefaultInstance(),
                _ -> Future.succeededFuture(
                        ServerLiveResponse.newBuilder().setLive(serving.live()).build()));
        unary(
                "ServerReady",
                ServerReadyRequest.getDefaultInstance(),
                ServerReadyResponse.getDefaultInstance(),
                _ -> Future.succeededFuture(ServerReadyResponse.newBuilder()
                        .setReady(serving.live() && serving.ready().isPresent())
                        .build()));
        unary(
                "ModelReady",
                ModelReadyRequest.getDefaultInstance(),
                ModelReadyResponse.getDefaultInstance(),
                this::ready);
        unary(
                "ServerMetadata",
                ServerMetadataRequest.getDefaultInstance(),
                ServerMetadataResponse.getDefaultInstance(),
                _ -> Future.succeededFuture(GrpcCodec.write(Metadata.Server.of())));
        unary(
                "ModelMetadata",
                ModelMetadataRequest.getDefaultInstance(),
                ModelMetadataResponse.getDefaultInstance(),
                request -> Future.succeededFuture(GrpcCodec.write(
                        Metadata.Model.of(Metadata.find(serving, request.getName(), request.getVersion())))));
        unary(
                "ModelInfer",
                ModelInferRequest.getDefaultInstance(),
                ModelInferResponse.getDefaultInstance(),
                this::infer);
        router.route("/" + SERVICE + "/*").order(0).handler(context -> server.handle(context.request()));
    }

    private Future<ModelReadyResponse> ready(ModelReadyRequest request) {
        ServedModel model = Metadata.find(serving, request.getName(), request.getVersion());
        return Future.succeededFuture(
                ModelReadyResponse.newBuilder().setReady(model.alive()).build());
    }

    private Future<ModelInferResponse> infer(ModelInferRequest message) {
        ServedModel model = Metadata.find(serving, message.getModelName(), message.getModelVersion());
        InferRequest request = GrpcCodec.read(message);
        return Future.fromCompletionStage(model.infer(request.inputs()), Vertx.currentContext())
                .map(outputs -> GrpcCodec.write(message, request, model, outputs));
    }

    private <A extends Message, B extends Message> void unary(
            String method, A request, B reply, Function<A, Future<B>> handler) {
        MethodDescriptor<A, B> descriptor = MethodDescriptor.<A, B>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, method))
                .setRequestMarshaller(ProtoUtils.marshaller(request))
                .setResponseMarshaller(ProtoUtils.marshaller(reply))
                .build();
        server.callHandler(descriptor, call -> call.last().onSuccess(message -> answer(call, handler, message)));
    }

    private static <A, B> void answer(GrpcServerRequest<A, B> call, Function<A, Future<B>> handler, A message) {
        Future<B> reply;
        try {
            reply = handler.apply(message);
        } catch (RuntimeException e) {
            reply = Future.failedFuture(e);
        }
        reply.onComplete(done -> {
            if (done.succeeded()) {
                call.response().end(done.result());
            } else {
                Refusal refusal = Refusal.of(done.cause());
                call.response()
                        .status(GrpcStatus.valueOf(refusal.kind().grpc.value()))
                        .statusMessage(refusal.getMessage())
                        .end();
            }
        });
    }
}
