package dev.tidemill.functions.model.protocol;

import dev.tidemill.functions.model.batch.Batcher.BusyException;
import dev.tidemill.functions.model.graph.GraphException;
import dev.tidemill.functions.model.tensor.TensorException;
import io.grpc.Status;
import java.io.Serial;
import java.util.concurrent.CompletionException;

/** What is answered in place of outputs, in the words of both transports. */
final class Refusal extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    enum Kind {
        INVALID(400, Status.Code.INVALID_ARGUMENT),
        NOT_FOUND(404, Status.Code.NOT_FOUND),
        NO_SUCH_METHOD(405, Status.Code.UNIMPLEMENTED),
        TOO_LARGE(413, Status.Code.RESOURCE_EXHAUSTED),
        /** The graph failed on inputs that are what it declares. */
        FAILED(500, Status.Code.INTERNAL),
        /** Try again in a second. */
        BUSY(503, Status.Code.UNAVAILABLE);

        final int http;
        final Status.Code grpc;

        Kind(int http, Status.Code grpc) {
            this.http = http;
            this.grpc = grpc;
        }
    }

    private final Kind kind;

    Refusal(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    static Refusal of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String message = String.valueOf(cause.getMessage());
        return switch (cause) {
            case Refusal refusal -> refusal;
            case TensorException _ -> new Refusal(Kind.INVALID, message);
            case BusyException _ -> new Refusal(Kind.BUSY, message);
            case GraphException _ -> new Refusal(Kind.FAILED, message);
            default -> new Refusal(Kind.FAILED, cause.toString());
        };
    }
}
