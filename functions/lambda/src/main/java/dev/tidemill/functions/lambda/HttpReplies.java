package dev.tidemill.functions.lambda;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.Json;
import dev.tidemill.functions.lambda.event.ApiGatewayReply;
import dev.tidemill.functions.lambda.event.UnfitEventException;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers plain HTTP. */
final class HttpReplies implements Call.Answer {

    /** Of the connection, not of the answer: a handler that copies them from elsewhere would break the framing. */
    private static final Set<String> FRAMING =
            Set.of("connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade");

    private final Caller caller;
    private final boolean gateway;

    /** @param gateway whether the result is to be read as {@code {statusCode, headers, body}} */
    HttpReplies(Caller caller, boolean gateway) {
        this.caller = caller;
        this.gateway = gateway;
    }

    @Override
    public void complete(Outcome outcome) {
        switch (outcome) {
            case Outcome.Result result -> caller.send(response(result));
            case Outcome.Failed failed -> caller.fail(withoutStack(failed));
        }
    }

    private FullHttpResponse response(Outcome.Result result) {
        if (!gateway) {
            return Responses.of(HttpResponseStatus.OK, result.contentType(), result.body());
        }
        if (!result.contentType().startsWith(Responses.JSON)) {
            return Responses.of(HttpResponseStatus.OK, result.contentType(), result.body());
        }
        try {
            ApiGatewayReply reply = ApiGatewayReply.of(result.body());
            FullHttpResponse response =
                    Responses.of(HttpResponseStatus.valueOf(reply.status()), "application/json", reply.body());
            copy(reply, response.headers());
            return response;
        } catch (UnfitEventException | IllegalArgumentException e) {
            Outcome.Failed wrong =
                    Outcome.Failed.of(Outcome.Kind.CRASHED, "InvalidProxyResponse", String.valueOf(e.getMessage()));
            FullHttpResponse response = Responses.of(HttpResponseStatus.BAD_GATEWAY, Responses.JSON, wrong.error());
            Caller.hardened(response);
            return response;
        }
    }

    /** @throws IllegalArgumentException if a header of the handler's is none, such as one with a line break */
    static void copy(ApiGatewayReply reply, HttpHeaders to) {
        Set<String> replaced = new java.util.HashSet<>();
        reply.headers().forEach(header -> {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (FRAMING.contains(name)) {
                return;
            }
            if (replaced.add(name)) {
                to.set(name, header.getValue());
            } else {
                to.add(name, header.getValue());
            }
        });
    }

    /** Anybody may be the caller here, and the stack is for who reads the log. */
    private static Outcome.Failed withoutStack(Outcome.Failed failed) {
        ObjectNode error = Caller.error(failed);
        error.remove("stackTrace");
        error.remove("trace");
        return new Outcome.Failed(failed.kind(), Json.bytes(error));
    }

    @Override
    public Call.@Nullable Stream stream(String contentType) {
        return new HttpStream(caller, contentType);
    }
}
