package dev.tidemill.functions.model.protocol;

import dev.tidemill.functions.model.batch.Batcher.BusyException;
import dev.tidemill.functions.model.graph.GraphException;
import dev.tidemill.functions.model.tensor.TensorException;
import java.io.Serial;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;

/** What is answered in place of outputs, in the words of both transports. */
final class Refusal extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private static final Logger LOG = Logger.getLogger(Refusal.class);

    /** With HTTP's status and gRPC's. */
    enum Kind {
        INVALID(400, 3),
        NOT_FOUND(404, 5),
        NO_SUCH_METHOD(405, 12),
        TOO_LARGE(413, 8),
        NO_SUCH_ENCODING(415, 12),
        /** The graph failed on inputs that are what it declares. */
        FAILED(500, 13),
        /** Try again in a second. */
        BUSY(503, 14),
        /** The client's own deadline. */
        TOO_LATE(504, 4);

        final int http;
        final int grpc;

        Kind(int http, int grpc) {
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

    /** What the server or its graph is at fault for goes into its log too. */
    static Refusal of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String message = String.valueOf(cause.getMessage());
        return switch (cause) {
            case Refusal refusal -> refusal;
            case TensorException _ -> new Refusal(Kind.INVALID, message);
            case BusyException _ -> new Refusal(Kind.BUSY, message);
            case GraphException _ -> {
                LOG.warnf("the graph failed: %s", message);
                yield new Refusal(Kind.FAILED, message);
            }
            default -> {
                LOG.error("a request failed", cause);
                yield new Refusal(Kind.FAILED, cause.toString());
            }
        };
    }
}
