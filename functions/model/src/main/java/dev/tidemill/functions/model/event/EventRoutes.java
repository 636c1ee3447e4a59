package dev.tidemill.functions.model.event;

import dev.tidemill.api.EventTypes;
import dev.tidemill.functions.model.ModelConfig;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.Serving;
import dev.tidemill.functions.model.batch.Batcher.BusyException;
import dev.tidemill.functions.model.event.ShardRoute.Answer;
import dev.tidemill.functions.model.protocol.InferBody;
import dev.tidemill.functions.model.tensor.TensorException;
import dev.tidemill.functions.model.train.NetworkRoute;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.StoreException;
import dev.tidemill.store.Stores;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * {@code POST /}: {@link EventTypes#INFER}, whose data is what the protocol's REST takes and gives, and {@link EventTypes#SHARD}. Each
 * on a virtual thread of its own. A process that trains takes {@link EventTypes#SHARD} and {@link EventTypes#COMBINE} instead. What will fail however often it is sent is answered with {@link EventTypes#FAILURE}; a 5xx is worth
 * another try.
 */
@Singleton
class EventRoutes {

    private static final Logger LOG = Logger.getLogger(EventRoutes.class);
    private static final int MOST_BYTES = 64 << 20;

    private final Serving serving;
    private final Supplier<ObjectClient> store;

    @Inject
    EventRoutes(Serving serving) {
        this(serving, new OpenedOnce());
    }

    EventRoutes(Serving serving, Supplier<ObjectClient> store) {
        this.serving = serving;
        this.store = store;
    }

    /** The store that the environment names, opened at the first shard: serving needs none. */
    private static final class OpenedOnce implements Supplier<ObjectClient> {
        private @org.jspecify.annotations.Nullable ObjectClient client;

        @Override
        public synchronized ObjectClient get() {
            ObjectClient open = client;
            if (open == null) {
                open = Stores.connect(StoreConfig.fromEnvironment(System.getenv()));
                client = open;
            }
            return open;
        }
    }

    void register(@Observes Router router) {
        router.route(HttpMethod.POST, "/").order(0).handler(this::receive);
    }

    private void receive(RoutingContext route) {
        HttpServerRequest request = route.request();
        String type = request.getHeader("ce-type");
        if (type == null) {
            request.response()
                    .setStatusCode(400)
                    .putHeader("Content-Type", "text/plain; charset=utf-8")
                    .end("POST a CloudEvent in binary mode here, with a ce-type header; inference is at /v2");
            return;
        }
        Context context = Vertx.currentContext();
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() <= MOST_BYTES) {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(_ -> threads().name("event").start(() -> {
            Answer answer = null;
            RuntimeException failure = null;
            try {
                answer = body.length() > MOST_BYTES
                        ? ShardRoute.failure("TooLarge", "an event has at most 64 MiB", null)
                        : answer(type, body.getBytes());
            } catch (RuntimeException e) {
                failure = e;
            } catch (java.io.IOException e) {
                failure = new java.io.UncheckedIOException(e);
            }
            Answer given = answer;
            RuntimeException why = failure;
            context.runOnContext(_ -> {
                if (given != null) {
                    send(request, given);
                } else if (why != null) {
                    again(request, why);
                }
            });
        }));
    }

    /** PyTorch's settings are those of a thread of the machine, which a virtual one may change under way. */
    private static Thread.Builder threads() {
        return Serving.trains() ? Thread.ofPlatform().daemon() : Thread.ofVirtual();
    }

    private Answer answer(String type, byte[] data) throws java.io.IOException {
        if (Serving.trains()) {
            NetworkRoute.Reply reply =
                    new NetworkRoute(store.get(), ModelConfig.natives(System.getenv())).answer(type, data);
            return new Answer(reply.type(), "application/json", reply.data());
        }
        ServedModel model = serving.model().join();
        return switch (type) {
            case EventTypes.INFER -> infer(model, data);
            case EventTypes.SHARD -> new ShardRoute(model, store.get()).answer(data);
            default ->
                ShardRoute.failure(
                        "UnknownEvent",
                        "a model takes %s and %s, not %s".formatted(EventTypes.INFER, EventTypes.SHARD, type),
                        null);
        };
    }

    private static Answer infer(ServedModel model, byte[] data) {
        try {
            return new Answer(EventTypes.INFERRED, "application/json", InferBody.answer(model, data));
        } catch (TensorException e) {
            return ShardRoute.failure("BadRequest", String.valueOf(e.getMessage()), null);
        }
    }

    private void send(HttpServerRequest request, Answer answer) {
        if (request.response().closed()) {
            return;
        }
        String id = request.getHeader("ce-id");
        request.response()
                .putHeader("ce-specversion", "1.0")
                .putHeader("ce-id", id == null ? UUID.randomUUID().toString() : id)
                .putHeader(
                        "ce-source",
                        Serving.trains()
                                ? "/training"
                                : "/models/" + serving.model().join().name())
                .putHeader("ce-type", answer.type())
                .putHeader("Content-Type", answer.contentType())
                .end(Buffer.buffer(answer.data()));
    }

    private static void again(HttpServerRequest request, RuntimeException failure) {
        if (request.response().closed()) {
            return;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        boolean busy = cause instanceof BusyException || cause instanceof StoreException.Unavailable;
        if (busy) {
            request.response().putHeader("Retry-After", "1");
        } else {
            LOG.error("event " + request.getHeader("ce-id") + " failed", failure);
        }
        request.response()
                .setStatusCode(busy ? 503 : 500)
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .end(cause.getClass().getSimpleName() + ": " + cause.getMessage());
    }
}
