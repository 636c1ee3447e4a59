package dev.tidemill.functions.model.protocol;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.tidemill.functions.model.protocol.Refusal.Kind;
import dev.tidemill.functions.model.protocol.grpc.ErrorResponse;
import dev.tidemill.functions.model.protocol.grpc.FileDescriptorResponse;
import dev.tidemill.functions.model.protocol.grpc.HealthCheckRequest;
import dev.tidemill.functions.model.protocol.grpc.ListServiceResponse;
import dev.tidemill.functions.model.protocol.grpc.ModelInferRequest;
import dev.tidemill.functions.model.protocol.grpc.ServerReflectionRequest;
import dev.tidemill.functions.model.protocol.grpc.ServerReflectionResponse;
import dev.tidemill.functions.model.protocol.grpc.ServiceResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What this server speaks, for clients without its {@code .proto} files: {@code grpcurl} among them. */
final class Reflection {

    /** None of them imports another. */
    private static final List<FileDescriptor> FILES = List.of(
            ModelInferRequest.getDescriptor().getFile(),
            HealthCheckRequest.getDescriptor().getFile(),
            ServerReflectionRequest.getDescriptor().getFile());

    private static final Map<String, FileDescriptor> BY_SYMBOL = bySymbol();

    private Reflection() {}

    private static Map<String, FileDescriptor> bySymbol() {
        Map<String, FileDescriptor> symbols = new HashMap<>();
        for (FileDescriptor file : FILES) {
            file.getMessageTypes().forEach(type -> add(symbols, type));
            for (ServiceDescriptor service : file.getServices()) {
                symbols.put(service.getFullName(), file);
                for (MethodDescriptor method : service.getMethods()) {
                    symbols.put(method.getFullName(), file);
                }
            }
        }
        return symbols;
    }

    private static void add(Map<String, FileDescriptor> symbols, Descriptor type) {
        symbols.put(type.getFullName(), type.getFile());
        type.getNestedTypes().forEach(nested -> add(symbols, nested));
        for (EnumDescriptor values : type.getEnumTypes()) {
            symbols.put(values.getFullName(), type.getFile());
        }
    }

    static ServerReflectionResponse answer(ServerReflectionRequest request) {
        ServerReflectionResponse.Builder answer = ServerReflectionResponse.newBuilder()
                .setValidHost(request.getHost())
                .setOriginalRequest(request);
        switch (request.getMessageRequestCase()) {
            case LIST_SERVICES -> answer.setListServicesResponse(services());
            case FILE_BY_FILENAME ->
                file(
                        answer,
                        request.getFileByFilename(),
                        FILES.stream()
                                .filter(file -> file.getName().equals(request.getFileByFilename()))
                                .findFirst()
                                .orElse(null));
            case FILE_CONTAINING_SYMBOL ->
                file(answer, request.getFileContainingSymbol(), BY_SYMBOL.get(request.getFileContainingSymbol()));
            case FILE_CONTAINING_EXTENSION, ALL_EXTENSION_NUMBERS_OF_TYPE ->
                refuse(answer, Kind.NOT_FOUND, "no message here has extensions");
            case MESSAGEREQUEST_NOT_SET -> refuse(answer, Kind.INVALID, "the request asks nothing that is known here");
        }
        return answer.build();
    }

    private static ListServiceResponse services() {
        ListServiceResponse.Builder services = ListServiceResponse.newBuilder();
        for (FileDescriptor file : FILES) {
            for (ServiceDescriptor service : file.getServices()) {
                services.addService(ServiceResponse.newBuilder().setName(service.getFullName()));
            }
        }
        return services.build();
    }

    private static void file(ServerReflectionResponse.Builder answer, String asked, @Nullable FileDescriptor file) {
        if (file == null) {
            refuse(answer, Kind.NOT_FOUND, "there is no %s here".formatted(asked));
        } else {
            answer.setFileDescriptorResponse(FileDescriptorResponse.newBuilder()
                    .addFileDescriptorProto(file.toProto().toByteString()));
        }
    }

    private static void refuse(ServerReflectionResponse.Builder answer, Kind kind, String words) {
        answer.setErrorResponse(
                ErrorResponse.newBuilder().setErrorCode(kind.grpc).setErrorMessage(words));
    }
}
