package dev.tidemill.functions.model.protocol;

import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.Serving;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.net.URI;

/** The routes of the application on a port of their own, without the application around them. */
public final class ServerUnderTest implements AutoCloseable {

    public static final long MOST_BYTES = 1 << 20;
    static final long MOST_MEMORY = 1 << 24;

    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;

    public ServerUnderTest(ServedModel model) {
        this(model, _ -> {});
    }

    /** @param more further routes */
    public ServerUnderTest(ServedModel model, java.util.function.Consumer<Router> more) {
        this(Serving.of(model), more);
    }

    ServerUnderTest(Serving serving, java.util.function.Consumer<Router> more) {
        Router router = Router.router(vertx);
        Intake intake = new Intake(MOST_BYTES, MOST_MEMORY);
        Meter meter = new Meter(serving, intake);
        meter.register(router);
        new GrpcRoutes(serving, intake, meter).register(router);
        new RestRoutes(serving, intake, meter).register(router);
        more.accept(router);
        server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    public int port() {
        return server.actualPort();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + port());
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
