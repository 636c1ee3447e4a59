package dev.tidemill.functions.dataflow;

import dev.tidemill.api.EventTypes;
import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.dataflow.Materializer;
import dev.tidemill.dataflow.SliceRequest;
import dev.tidemill.functions.sdk.Result;
import dev.tidemill.functions.sdk.Tidemill;
import dev.tidemill.store.ObjectClient;
import io.quarkus.funqy.Funq;
import io.quarkus.funqy.knative.events.CloudEvent;
import io.quarkus.funqy.knative.events.CloudEventMapping;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/** Works on one Dataset for one slice. */
@ApplicationScoped
public class MaterializeFunction {

    private static final Logger LOG = Logger.getLogger(MaterializeFunction.class);

    private final HttpFunctionClient functions;
    private final Tidemill tidemill;
    private final Materializer materializer;

    /** @param token a file with what the gates in front of functions take; none where there are no gates */
    MaterializeFunction(
            Tidemill tidemill,
            ObjectClient store,
            @ConfigProperty(name = "tidemill.caller.token") Optional<Path> token) {
        this.tidemill = tidemill;
        functions = new HttpFunctionClient(token.orElse(null));
        materializer = new Materializer(store, functions);
    }

    @Funq
    @CloudEventMapping(trigger = EventTypes.DATASET_MATERIALIZE)
    public CloudEvent<byte[]> materialize(CloudEvent<byte[]> event) {
        return tidemill.answer(event, SliceRequest.class, request -> {
            MDC.put("traceId", request.turn().trace().id());
            try {
                var reply = materializer.run(request);
                LOG.infof(
                        "Dataset %s: %s at revision %d, %d of %d work items done",
                        request.task().dataset(),
                        reply.state(),
                        reply.revision(),
                        reply.items().succeeded(),
                        reply.items().total());
                return Result.json(reply);
            } finally {
                MDC.remove("traceId");
            }
        });
    }

    @PreDestroy
    void close() {
        functions.close();
    }
}
