package dev.tidemill.functions.lambda;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Base64;

/** The error that a streaming handler met after its answer had begun: in the trailers, the body in Base64. */
final class StreamError {

    private StreamError() {}

    static Outcome.Failed of(HttpHeaders trailers) {
        String type = trailers.get(RuntimeApi.ERROR_TYPE, "Runtime.StreamError");
        String body = trailers.get(RuntimeApi.ERROR_BODY, "");
        try {
            byte[] error = Base64.getDecoder().decode(body);
            if (error.length > 0) {
                return new Outcome.Failed(Outcome.Kind.HANDLER, error);
            }
        } catch (IllegalArgumentException notBase64) {
            // The type says enough.
        }
        return Outcome.Failed.of(Outcome.Kind.HANDLER, type, "the handler failed while it streamed its answer");
    }
}
