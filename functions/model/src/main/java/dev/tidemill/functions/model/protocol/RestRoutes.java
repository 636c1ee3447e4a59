package dev.tidemill.functions.model.protocol;

import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.Serving;
import dev.tidemill.functions.model.protocol.Refusal.Kind;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** {@code /v2}: nothing here blocks; an inference is answered when its batch has run. */
@Singleton
class RestRoutes {

    static final String JSON_LENGTH = "Inference-Header-Content-Length";

    private final Serving serving;
    private final long mostBytes;

    RestRoutes(
            Serving serving, @ConfigProperty(name = "tidemill.body.limit", defaultValue = "67108864") long mostBytes) {
        this.serving = serving;
        this.mostBytes = mostBytes;
    }

    void register(@Observes Router router) {
        router.route("/v2*").order(0).handler(this::route);
    }

    private void route(RoutingContext context) {
        HttpServerRequest request = context.request();
        try {
            String[] path = context.normalizedPath().split("/", -1);
            // /v2 · /v2/health/live · /v2/models/NAME[/versions/VERSION][/ready|/infer]
            if (path.length >= 4 && path[2].equals("models")) {
                boolean versioned = path.length >= 6 && path[4].equals("versions");
                String version = versioned ? path[5] : null;
                int rest = versioned ? 6 : 4;
                String verb = path.length == rest ? "" : path.length == rest + 1 ? path[rest] : "?";
                model(request, path[3], version, verb);
            } else {
                server(request, context.normalizedPath());
            }
        } catch (RuntimeException e) {
            refuse(request, e);
        }
    }

    private void server(HttpServerRequest request, String path) {
        switch (path) {
            case "/v2", "/v2/" -> get(request, Metadata.Server.of());
            case "/v2/health/live" -> health(request, "live", serving.live());
            case "/v2/health/ready" ->
                health(request, "ready", serving.live() && serving.ready().isPresent());
            default -> throw new Refusal(Kind.NOT_FOUND, "there is nothing at " + path);
        }
    }

    private void model(HttpServerRequest request, String name, @Nullable String version, String verb) {
        switch (verb) {
            case "" -> get(request, Metadata.Model.of(Metadata.find(serving, name, version)));
            case "ready" -> {
                ServedModel model = Metadata.find(serving, name, version);
                answer(request, model.alive() ? 200 : 503, Map.of("name", name, "ready", model.alive()));
            }
            case "infer" -> infer(request, name, version);
            default -> throw new Refusal(Kind.NOT_FOUND, "there is nothing at " + request.path());
        }
    }

    private void infer(HttpServerRequest request, String name, @Nullable String version) {
        if (request.method() != HttpMethod.POST) {
            throw new Refusal(Kind.NO_SUCH_METHOD, "inference is a POST");
        }
        ServedModel model = Metadata.find(serving, name, version);
        String length = request.getHeader("Content-Length");
        if (length != null && Long.parseLong(length) > mostBytes) {
            throw tooLarge();
        }
        Buffer body = Buffer.buffer(length == null ? 1_024 : Integer.parseInt(length));
        request.handler(chunk -> {
            if (body.length() <= mostBytes) {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(_ -> {
            try {
                if (body.length() > mostBytes) {
                    throw tooLarge();
                }
                infer(request, model, body.getBytes());
            } catch (RuntimeException e) {
                refuse(request, e);
            }
        });
    }

    private Refusal tooLarge() {
        return new Refusal(
                Kind.TOO_LARGE,
                "a request has at most %d bytes (TIDEMILL_BODY_LIMIT): send fewer rows at once".formatted(mostBytes));
    }

    private static void infer(HttpServerRequest request, ServedModel model, byte[] body) {
        InferRequest asked = RestCodec.read(body, jsonLength(request, body.length));
        var context = io.vertx.core.Vertx.currentContext();
        var reply = model.infer(asked.inputs());
        // Who has hung up wants no answer; what still waits is taken out.
        request.connection().closeHandler(_ -> reply.cancel(false));
        reply.whenComplete((outputs, failure) -> context.runOnContext(_ -> {
            if (request.response().closed()) {
                return;
            }
            try {
                if (failure != null) {
                    throw Refusal.of(failure);
                }
                RestCodec.Body answer = RestCodec.write(asked, model.name(), model.version(), asked.choose(outputs));
                HttpServerResponse response = request.response();
                if (answer.binary()) {
                    response.putHeader(JSON_LENGTH, Integer.toString(answer.jsonLength()))
                            .putHeader("Content-Type", "application/octet-stream");
                } else {
                    response.putHeader("Content-Type", "application/json");
                }
                response.end(Buffer.buffer(answer.bytes()));
            } catch (RuntimeException e) {
                refuse(request, e);
            }
        }));
    }

    private static int jsonLength(HttpServerRequest request, int bodyLength) {
        String length = request.getHeader(JSON_LENGTH);
        if (length == null) {
            return bodyLength;
        }
        try {
            int json = Integer.parseInt(length);
            if (json >= 0 && json <= bodyLength) {
                return json;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw new Refusal(
                Kind.INVALID, "%s is \"%s\" and the body has %d bytes".formatted(JSON_LENGTH, length, bodyLength));
    }

    private static void health(HttpServerRequest request, String word, boolean holds) {
        if (request.method() != HttpMethod.GET) {
            throw new Refusal(Kind.NO_SUCH_METHOD, request.path() + " is a GET");
        }
        answer(request, holds ? 200 : 503, Map.of(word, holds));
    }

    private static void get(HttpServerRequest request, Object value) {
        if (request.method() != HttpMethod.GET) {
            throw new Refusal(Kind.NO_SUCH_METHOD, request.path() + " is a GET");
        }
        answer(request, 200, value);
    }

    private static void refuse(HttpServerRequest request, Throwable failure) {
        if (request.response().ended() || request.response().closed()) {
            return;
        }
        Refusal refusal = Refusal.of(failure);
        if (refusal.kind() == Kind.BUSY) {
            request.response().putHeader("Retry-After", "1");
        }
        answer(request, refusal.kind().http, Map.of("error", String.valueOf(refusal.getMessage())));
    }

    private static void answer(HttpServerRequest request, int status, Object value) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(Buffer.buffer(RestCodec.json(value)));
    }
}
