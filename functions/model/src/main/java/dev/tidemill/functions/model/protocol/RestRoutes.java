package dev.tidemill.functions.model.protocol;

import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.Serving;
import dev.tidemill.functions.model.protocol.Refusal.Kind;
import dev.tidemill.functions.model.tensor.Tensor;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code /v2}: nothing here blocks; an inference is answered when its batch has run. */
@Singleton
class RestRoutes {

    static final String JSON_LENGTH = "Inference-Header-Content-Length";

    private final Serving serving;
    private final Intake intake;
    private final Meter meter;

    RestRoutes(Serving serving, Intake intake, Meter meter) {
        this.serving = serving;
        this.intake = intake;
        this.meter = meter;
    }

    void register(@Observes Router router) {
        router.route("/v2*").order(0).handler(this::route);
        router.route()
                .last()
                .handler(context -> refuse(
                        context.request(),
                        new Refusal(
                                Kind.NOT_FOUND,
                                "there is nothing at %s; inference is at /v2".formatted(context.normalizedPath()))));
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
                model(context, path[3], version, verb);
            } else {
                server(request, context.normalizedPath());
            }
        } catch (RuntimeException e) {
            refuse(request, e);
        }
    }

    private void server(HttpServerRequest request, String path) {
        boolean live = serving.live();
        boolean ready = live && serving.ready().isPresent();
        switch (path) {
            case "/v2", "/v2/" -> get(request, 200, Metadata.Server.of());
            case "/v2/health/live" -> get(request, live ? 200 : 503, Map.of("live", live));
            // The specification's text gives this answer a field "live".
            case "/v2/health/ready" -> get(request, ready ? 200 : 503, Map.of("live", live, "ready", ready));
            default -> throw new Refusal(Kind.NOT_FOUND, "there is nothing at " + path);
        }
    }

    private void model(RoutingContext context, String name, @Nullable String version, String verb) {
        HttpServerRequest request = context.request();
        switch (verb) {
            case "" -> get(request, 200, Metadata.Model.of(Metadata.find(serving, name, version)));
            case "ready" -> {
                boolean ready = serving.ready().isPresent()
                        && Metadata.find(serving, name, version).alive();
                get(request, ready ? 200 : 503, Map.of("name", name, "ready", ready));
            }
            case "infer" -> infer(context, name, version);
            default -> throw new Refusal(Kind.NOT_FOUND, "there is nothing at " + request.path());
        }
    }

    private void infer(RoutingContext context, String name, @Nullable String version) {
        HttpServerRequest request = context.request();
        allow(request, HttpMethod.POST);
        long began = System.nanoTime();
        context.addEndHandler(_ -> {
            if (request.response().ended()) {
                meter.answered(Meter.Transport.REST, request.response().getStatusCode(), began);
            }
        });
        ServedModel model = Metadata.find(serving, name, version);
        Context own = Objects.requireNonNull(Vertx.currentContext());
        Intake.Held held = intake.held();
        intake.receive(
                context,
                0,
                body -> Inference.run(new Exchange(request, body, model, intake, held), body.length, model, held, own),
                refusal -> refuse(request, refusal),
                held);
    }

    /** One inference over REST. */
    private record Exchange(HttpServerRequest request, byte[] body, ServedModel model, Intake intake, Intake.Held held)
            implements Inference.Exchange<RestCodec.Body> {

        @Override
        public InferRequest read() {
            byte[] whole = intake.unpacked(body, request.getHeader("Content-Encoding"), held);
            return RestCodec.read(whole, jsonLength(request, whole.length), held::take);
        }

        @Override
        public RestCodec.Body write(InferRequest asked, List<Tensor> outputs) {
            return RestCodec.write(asked, model.name(), model.version(), asked.choose(outputs));
        }

        @Override
        public void send(RestCodec.Body answer) {
            HttpServerResponse response = request.response();
            if (response.closed()) {
                return;
            }
            if (answer.binary()) {
                response.putHeader(JSON_LENGTH, Integer.toString(answer.jsonLength()))
                        .putHeader("Content-Type", "application/octet-stream");
            } else {
                response.putHeader("Content-Type", "application/json");
            }
            response.end(Buffer.buffer(answer.bytes()));
        }

        @Override
        public void refuse(Throwable failure) {
            RestRoutes.refuse(request, failure);
        }
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

    /** What a GET asks; a HEAD is told its head. */
    private static void get(HttpServerRequest request, int status, Object value) {
        allow(request, HttpMethod.GET, HttpMethod.HEAD);
        answer(request, status, value);
    }

    private static void allow(HttpServerRequest request, HttpMethod... methods) {
        if (!List.of(methods).contains(request.method())) {
            String allowed = Arrays.stream(methods).map(HttpMethod::name).collect(Collectors.joining(", "));
            request.response().putHeader("Allow", allowed);
            throw new Refusal(Kind.NO_SUCH_METHOD, "%s is a %s".formatted(request.path(), methods[0]));
        }
    }

    private static void refuse(HttpServerRequest request, Throwable failure) {
        if (request.response().ended() || request.response().closed()) {
            return;
        }
        Refusal refusal = Refusal.of(failure);
        if (refusal.kind() == Kind.BUSY) {
            request.response().putHeader("Retry-After", "1");
        } else if (refusal.kind() == Kind.NO_SUCH_ENCODING) {
            request.response().putHeader("Accept-Encoding", "gzip, deflate");
        }
        answer(request, refusal.kind().http, Map.of("error", String.valueOf(refusal.getMessage())));
    }

    private static void answer(HttpServerRequest request, int status, Object value) {
        request.response().setStatusCode(status).putHeader("Content-Type", "application/json");
        byte[] body = RestCodec.json(value);
        if (request.method() == HttpMethod.HEAD) {
            request.response()
                    .putHeader("Content-Length", Integer.toString(body.length))
                    .end();
        } else {
            request.response().end(Buffer.buffer(body));
        }
    }
}
