package dev.tidemill.functions.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.tidemill.api.Condition;
import dev.tidemill.operator.KnativeSays;
import dev.tidemill.operator.TestCluster;
import dev.tidemill.operator.function.FunctionResource;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The router with the routes that the operator gives it, before functions that answer over HTTP; Knative's word is played by this test. */
@DisplayName("The router as the operator places it")
class RouterOnApiServerIT {

    private static final String ROUTER = "tidemill-paths";

    private GatedNamespace place;

    @BeforeEach
    void start() throws Exception {
        place = new GatedNamespace("paths-it-");
        place.startOperator();
    }

    @AfterEach
    void end() {
        if (place != null) {
            place.close();
        }
    }

    @Test
    @DisplayName(
            "leads each path to its Function, tells who has a path already, follows those that go, and goes with the last")
    void leadsEachPathToItsFunction() throws Exception {
        try (var mean = function("mean");
                var rest = function("rest")) {
            declare("mean", "/stats/mean");
            KnativeSays.ready(place.client, service("mean", _ -> true), mean.url());
            declare("rest", "/stats");
            KnativeSays.ready(place.client, service("rest", _ -> true), rest.url());
            var router = service(
                    ROUTER,
                    made -> routes(made).contains("\"/stats\"") && routes(made).contains("/stats/mean"));
            assertThat(router.getMetadata().getOwnerReferences())
                    .extracting(OwnerReference::getName)
                    .containsExactlyInAnyOrder("mean", "rest");
            try (var server = new Server(0, new Router(Router.routes(Map.of(Router.VARIABLE, routes(router)))))) {
                assertThat(get(server, "/stats/mean/x")).isEqualTo("mean /stats/mean/x");
                assertThat(get(server, "/stats/median")).isEqualTo("rest /stats/median");
            }
            KnativeSays.ready(place.client, router, URI.create("http://tidemill-paths.example"));
            assertThat(routed("mean", Condition.Status.True).message())
                    .isEqualTo("http://tidemill-paths.example/stats/mean");

            // Of two that were created in the same second the first by name has the path.
            declare("second", "/stats/");
            var taken = routed("second", Condition.Status.False);
            assertThat(taken.reason()).isEqualTo("PathTaken");
            assertThat(taken.message()).contains("leads to the Function rest already");

            KnativeSays.ready(place.client, service("second", _ -> true), URI.create("http://second.example"));
            delete("rest");
            service(ROUTER, made -> routes(made).contains("http://second.example"));
            delete("second");
            service(ROUTER, made -> !routes(made).contains("\"/stats\""));
            delete("mean");
            await(Service.class, ROUTER, gone -> gone == null);
        }
    }

    private static String routes(Service router) {
        return router.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv().stream()
                .filter(variable -> variable.getName().equals(Router.VARIABLE))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    private void declare(String name, String path) {
        place.declare(name, "{image: i, path: %s}".formatted(path));
    }

    private void delete(String name) {
        place.client
                .resources(FunctionResource.class)
                .inNamespace(place.name)
                .withName(name)
                .delete();
    }

    private Condition routed(String name, Condition.Status status) {
        return await(
                        FunctionResource.class,
                        name,
                        function -> function != null
                                && function.getStatus() != null
                                && function.getStatus().conditions().stream()
                                        .anyMatch(condition ->
                                                condition.type().equals("Routed") && condition.status() == status))
                .getStatus()
                .conditions()
                .stream()
                .filter(condition -> condition.type().equals("Routed"))
                .findFirst()
                .orElseThrow();
    }

    private Service service(String name, Predicate<Service> is) {
        return await(Service.class, name, service -> service != null && is.test(service));
    }

    private <R extends HasMetadata> R await(Class<R> kind, String name, Predicate<R> is) {
        return place.client
                .resources(kind)
                .inNamespace(place.name)
                .withName(name)
                .waitUntilCondition(is, TestCluster.PATIENCE, TimeUnit.SECONDS);
    }

    /** Answers with its name and the path. */
    private record Answering(HttpServer server) implements AutoCloseable {
        URI url() {
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    private static Answering function(String name) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", call -> {
            var body = (name + " " + call.getRequestURI()).getBytes(UTF_8);
            call.sendResponseHeaders(200, body.length);
            call.getResponseBody().write(body);
            call.close();
        });
        server.start();
        return new Answering(server);
    }

    private static String get(Server server, String path) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            return http.send(request, BodyHandlers.ofString()).body();
        }
    }
}
