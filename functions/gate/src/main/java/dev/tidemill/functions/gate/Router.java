package dev.tidemill.functions.gate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.tidemill.api.Json;
import dev.tidemill.api.PathRoutes;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * One address for the functions of a namespace, each at its {@code spec.path} and below: the longest path that fits leads. A request
 * arrives there as it came, credentials and path and all: who may call is decided by the function's own gate.
 */
public final class Router implements Door {

    /** The variable that holds the routes as JSON: {@code [{"path": "/mean", "to": "http://mean.team-a.svc.cluster.local"}]}. */
    static final String VARIABLE = "TIDEMILL_ROUTES";

    private static final int HTTP = 80;

    private final PathRoutes<Function> routes;

    /** @param to where a function answers; its path is not looked at */
    record Route(String path, URI to) {
        Route {
            Objects.requireNonNull(path, "path");
            if (to == null || !"http".equals(to.getScheme()) || to.getHost() == null) {
                throw new IllegalArgumentException("the address of " + path + " must be one of http");
            }
        }
    }

    private record Function(String authority, FunctionConnections connections) {}

    Router(List<Route> routes) {
        // Looked up at each connection: where a name leads may change.
        this.routes = new PathRoutes<>(routes.stream()
                .collect(Collectors.toMap(
                        Route::path,
                        route -> new Function(
                                route.to().getRawAuthority(),
                                new FunctionConnections(InetSocketAddress.createUnresolved(
                                        route.to().getHost(),
                                        route.to().getPort() < 0
                                                ? HTTP
                                                : route.to().getPort()))))));
    }

    public static void main(String[] args) throws InterruptedException {
        System.setProperty("io.netty.noUnsafe", "true");
        var environment = System.getenv();
        var routes = routes(environment);
        var server = new Server(Integer.parseInt(environment.getOrDefault("PORT", "8080")), new Router(routes));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "ending"));
        Log.line("the router listens on port %d, for %d functions", server.port(), routes.size());
        server.await();
    }

    /** @throws IllegalArgumentException naming what cannot be read */
    static List<Route> routes(Map<String, String> environment) {
        try {
            return Json.mapper().readValue(environment.getOrDefault(VARIABLE, "[]"), new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(VARIABLE + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public CompletionStage<Verdict> judge(HttpRequest head) {
        var mark = head.uri().indexOf('?');
        var verdict = routes.leading(mark < 0 ? head.uri() : head.uri().substring(0, mark))
                .<Verdict>map(function -> {
                    var passed = Hop.copy(head, head.uri());
                    var host = passed.headers().get(HttpHeaderNames.HOST, "");
                    if (!passed.headers().contains("X-Forwarded-Host")) {
                        passed.headers().set("X-Forwarded-Host", host);
                    }
                    // By it the cluster's ingress finds the function.
                    passed.headers().set(HttpHeaderNames.HOST, function.authority());
                    return new Verdict.Admitted(passed, function.connections());
                })
                .orElseGet(Verdict.NoRoute::new);
        return CompletableFuture.completedFuture(verdict);
    }

    @Override
    public Verdict probe(HttpRequest head) {
        return new Verdict.Ready();
    }
}
