package dev.tidemill.functions.dataflow;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Which of the built-in functions an event is for. Funqy chooses by event type and attributes and does not look at the path,
 * and {@code dev.tidemill.shard} means something else to each function. So the path, {@code /mean}, or where the caller gives
 * none the deployment's {@code TIDEMILL_BUILTIN}, becomes the attribute {@value #ATTRIBUTE}, by which the methods are mapped.
 */
@ApplicationScoped
class BuiltinRoute {

    static final String ATTRIBUTE = "tidemillfunction";

    static final String PROFILE = "profile";
    static final String TRAIN = "train";
    static final String MEAN = "mean";
    static final String ADD_ONE = "add_one";

    private static final Set<String> BUILTINS = Set.of(PROFILE, TRAIN, MEAN, ADD_ONE);

    private final Optional<String> deployed;

    BuiltinRoute(@ConfigProperty(name = "tidemill.builtin") Optional<String> deployed) {
        this.deployed = deployed;
        deployed.filter(name -> !BUILTINS.contains(name)).ifPresent(name -> {
            throw new IllegalArgumentException(
                    "TIDEMILL_BUILTIN is %s, which is none of %s".formatted(name, String.join(", ", BUILTINS)));
        });
    }

    void register(@Observes Filters filters) {
        filters.register(this::route, 100);
    }

    private void route(RoutingContext request) {
        String named = request.normalizedPath().substring(1);
        if (BUILTINS.contains(named)) {
            request.request().headers().set("ce-" + ATTRIBUTE, named);
            request.reroute("/");
        } else {
            if (!request.request().headers().contains("ce-" + ATTRIBUTE)) {
                deployed.ifPresent(name -> request.request().headers().set("ce-" + ATTRIBUTE, name));
            }
            request.next();
        }
    }
}
