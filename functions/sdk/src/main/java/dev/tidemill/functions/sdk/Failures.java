package dev.tidemill.functions.sdk;

import dev.tidemill.store.StoreException;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/**
 * What is worth another try is answered with a 5xx, as Funqy does for any exception, and with the reason in words: it ends up in
 * the failure record when the tries are used up. Quarkus would answer with an error id.
 */
@ApplicationScoped
class Failures {

    private static final Logger LOG = Logger.getLogger(Failures.class);

    void register(@Observes Router router) {
        router.route().order(Integer.MIN_VALUE).failureHandler(Failures::answer);
    }

    private static void answer(RoutingContext request) {
        Throwable failure = request.failure();
        if (failure == null || request.response().headWritten()) {
            request.next();
            return;
        }
        LOG.error("event " + request.request().getHeader("ce-id") + " failed", failure);
        request.response()
                .setStatusCode(failure instanceof StoreException.Unavailable ? 503 : 500)
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .end(failure.getClass().getSimpleName() + ": " + failure.getMessage());
    }
}
