package dev.tidemill.functions.lambda;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Answers AWS' Invoke. */
record InvokeReplies(Caller caller, UUID id) implements Call.Answer {

    @Override
    public void complete(Outcome outcome) {
        FullHttpResponse response = switch (outcome) {
            case Outcome.Result result -> Responses.of(HttpResponseStatus.OK, result.contentType(), result.body());
            case Outcome.Failed failed -> {
                FullHttpResponse error = Responses.of(HttpResponseStatus.OK, Responses.JSON, failed.error());
                error.headers().set(Caller.FUNCTION_ERROR, "Unhandled");
                yield error;
            }
        };
        response.headers().set("X-Amz-Executed-Version", "$LATEST");
        response.headers().set("X-Amzn-RequestId", id.toString());
        Caller.hardened(response);
        caller.send(response);
    }

    /** Of a call for whose result nobody waits only the failure is worth a line. */
    static void note(UUID id, Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            Log.line("request %s failed: %s", id, new String(failed.error(), StandardCharsets.UTF_8));
        }
    }
}
