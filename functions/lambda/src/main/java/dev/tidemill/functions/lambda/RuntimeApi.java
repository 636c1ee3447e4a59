package dev.tidemill.functions.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.Json;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a runtime: AWS Lambda's Runtime API, version 2018-06-01 (AWS Lambda Developer Guide, "Using the Lambda runtime
 * API"), and register and next of its Extensions API, 2020-01-01.
 */
final class RuntimeApi extends SimpleChannelInboundHandler<HttpObject> {

    static final String ERROR_TYPE = "Lambda-Runtime-Function-Error-Type";
    static final String ERROR_BODY = "Lambda-Runtime-Function-Error-Body";

    private static final Pattern ANSWER = Pattern.compile("/2018-06-01/runtime/invocation/([^/]+)/(response|error)");
    private static final String RESPONSE_MODE = "Lambda-Runtime-Function-Response-Mode";
    private static final String EXTENSION_ID = "Lambda-Extension-Identifier";
    private static final String ACCEPTED = "{\"status\":\"OK\"}";
    private static final ObjectMapper JSON = Json.mapper();

    private final LambdaRuntime runtime;
    private final Settings settings;

    private @Nullable Upload upload;
    private LambdaRuntime.@Nullable Poll poll;

    RuntimeApi(LambdaRuntime runtime, Settings settings) {
        this.runtime = runtime;
        this.settings = settings;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext from, HttpObject part) {
        if (part instanceof HttpRequest head) {
            upload = route(from, head);
        }
        Upload receiving = upload;
        if (part instanceof HttpContent content && receiving != null) {
            receiving.add(content.content());
            if (part instanceof LastHttpContent last) {
                upload = null;
                receiving.end(last.trailingHeaders());
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (poll != null) {
            runtime.hungUp(poll);
        }
        if (upload != null) {
            upload.abort();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    /** Decides by method and path what is to become of the body. */
    private Upload route(ChannelHandlerContext from, HttpRequest request) {
        String path = request.uri();
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        if (request.method().equals(HttpMethod.GET)) {
            return new Upload.Collected(0, (_, _) -> {
                switch (path) {
                    case "/2018-06-01/runtime/invocation/next" -> next(from, keepAlive);
                    case "/2020-01-01/extension/event/next" -> nextForExtension(from, request.headers(), keepAlive);
                    default -> unknown(from, request, keepAlive);
                }
            });
        }
        Matcher answer = ANSWER.matcher(path);
        if (answer.matches() && request.method().equals(HttpMethod.POST)) {
            return answer(from, request, answer.group(1), answer.group(2).equals("error"), keepAlive);
        }
        return new Upload.Collected(settings.payloadLimit(), (body, _) -> {
            switch (path) {
                case "/2018-06-01/runtime/init/error" -> {
                    runtime.initFailed(error(Outcome.Kind.UNAVAILABLE, request.headers(), body.bytes()));
                    accept(from, keepAlive);
                }
                case "/2020-01-01/extension/register" -> register(from, body.bytes(), keepAlive);
                case "/2020-01-01/extension/init/error", "/2020-01-01/extension/exit/error" -> {
                    Log.line(
                            "an extension failed: %s",
                            new String(body.bytes(), java.nio.charset.StandardCharsets.UTF_8));
                    accept(from, keepAlive);
                }
                default -> unknown(from, request, keepAlive);
            }
        });
    }

    private void next(ChannelHandlerContext from, boolean keepAlive) {
        LambdaRuntime.Poll asking = (call, deadline) -> {
            poll = null;
            Responses.send(from, event(call, deadline), keepAlive);
        };
        poll = asking;
        runtime.next(asking);
    }

    private FullHttpResponse event(Call call, Instant deadline) {
        // The official Python client crashes without a content type.
        FullHttpResponse response = Responses.of(HttpResponseStatus.OK, Responses.JSON, call.payload());
        HttpHeaders headers = response.headers();
        headers.set("Lambda-Runtime-Aws-Request-Id", call.id().toString());
        headers.set("Lambda-Runtime-Deadline-Ms", Long.toString(deadline.toEpochMilli()));
        headers.set("Lambda-Runtime-Invoked-Function-Arn", settings.arn());
        set(headers, "Lambda-Runtime-Trace-Id", call.context().trace());
        set(headers, "Lambda-Runtime-Client-Context", call.context().client());
        set(headers, "Lambda-Runtime-Cognito-Identity", call.context().cognito());
        return response;
    }

    private static void set(HttpHeaders headers, String name, @Nullable String value) {
        if (value != null) {
            headers.set(name, value);
        }
    }

    private Upload answer(
            ChannelHandlerContext from, HttpRequest request, String id, boolean failed, boolean keepAlive) {
        Call call = runtime.current(id);
        if (call == null) {
            return new Upload.Collected(
                    settings.payloadLimit(),
                    (_, _) -> refuse(
                            from,
                            HttpResponseStatus.BAD_REQUEST,
                            "InvalidRequestID",
                            "no request " + id + " is in progress here",
                            keepAlive));
        }
        String contentType = request.headers().get("Content-Type", Responses.JSON);
        if (!failed && "streaming".equalsIgnoreCase(request.headers().get(RESPONSE_MODE))) {
            Call.Stream stream = call.stream(contentType);
            if (stream != null) {
                return new Upload.PassedOn(stream, () -> {
                    runtime.answered();
                    accept(from, keepAlive);
                });
            }
        }
        return new Upload.Collected(settings.payloadLimit(), (body, trailers) -> {
            if (!body.whole()) {
                call.complete(Outcome.Failed.tooLarge("Function.Response", body.size(), settings.payloadLimit()));
                runtime.answered();
                refuse(
                        from,
                        HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                        "Function.ResponseSizeTooLarge",
                        "an answer has at most " + settings.payloadLimit() + " bytes",
                        keepAlive);
                return;
            }
            call.complete(outcome(request.headers(), trailers, contentType, body.bytes(), failed));
            runtime.answered();
            accept(from, keepAlive);
        });
    }

    private static Outcome outcome(
            HttpHeaders headers, HttpHeaders trailers, String contentType, byte[] body, boolean failed) {
        if (failed) {
            return error(Outcome.Kind.HANDLER, headers, body);
        }
        return trailers.contains(ERROR_TYPE) ? StreamError.of(trailers) : Results.checked(contentType, body);
    }

    /** What the runtime says, made into Lambda's form if it is not. */
    private static Outcome.Failed error(Outcome.Kind kind, HttpHeaders headers, byte[] body) {
        try {
            JsonNode json = JSON.readTree(body);
            if (json.isObject() && (json.has("errorMessage") || json.has("errorType"))) {
                return new Outcome.Failed(kind, body);
            }
        } catch (IOException notJson) {
            // A runtime of one's own may post anything.
        }
        return Outcome.Failed.of(
                kind,
                headers.get(ERROR_TYPE, "Runtime.UnknownReason"),
                new String(body, java.nio.charset.StandardCharsets.UTF_8));
    }

    private void register(ChannelHandlerContext from, byte[] body, boolean keepAlive) {
        Set<String> events = new HashSet<>();
        try {
            JSON.readTree(body).path("events").forEach(event -> events.add(event.asText()));
        } catch (IOException e) {
            refuse(from, HttpResponseStatus.BAD_REQUEST, "InvalidRequestFormat", "the body is no JSON", keepAlive);
            return;
        }
        if (!Set.of(Extensions.INVOKE, Extensions.SHUTDOWN).containsAll(events)) {
            refuse(
                    from,
                    HttpResponseStatus.BAD_REQUEST,
                    "Extension.InvalidEventType",
                    "there are INVOKE and SHUTDOWN",
                    keepAlive);
            return;
        }
        FullHttpResponse response = Responses.of(
                HttpResponseStatus.OK, Responses.JSON, runtime.extensions().registration());
        response.headers().set(EXTENSION_ID, runtime.extensions().register(events));
        Responses.send(from, response, keepAlive);
    }

    private void nextForExtension(ChannelHandlerContext from, HttpHeaders headers, boolean keepAlive) {
        boolean known = runtime.extensions()
                .next(
                        headers.get(EXTENSION_ID),
                        event -> Responses.send(
                                from, Responses.of(HttpResponseStatus.OK, Responses.JSON, event), keepAlive));
        if (!known) {
            refuse(
                    from,
                    HttpResponseStatus.FORBIDDEN,
                    "Extension.UnknownExtensionIdentifier",
                    "register first and send the header " + EXTENSION_ID,
                    keepAlive);
        }
    }

    private static void accept(ChannelHandlerContext to, boolean keepAlive) {
        Responses.send(to, Responses.json(HttpResponseStatus.ACCEPTED, ACCEPTED), keepAlive);
    }

    private void unknown(ChannelHandlerContext to, HttpRequest request, boolean keepAlive) {
        refuse(
                to,
                HttpResponseStatus.NOT_FOUND,
                "InvalidPath",
                "%s %s is not part of the Runtime API 2018-06-01 or the Extensions API 2020-01-01"
                        .formatted(request.method(), request.uri()),
                keepAlive);
    }

    private static void refuse(
            ChannelHandlerContext to, HttpResponseStatus status, String type, String message, boolean keepAlive) {
        byte[] error = Outcome.Failed.of(Outcome.Kind.REFUSED, type, message).error();
        Responses.send(to, Responses.of(status, Responses.JSON, error), keepAlive);
    }
}
