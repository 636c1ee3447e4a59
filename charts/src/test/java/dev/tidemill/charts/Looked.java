package dev.tidemill.charts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code lookup} in a template finds: some objects of a cluster, or of none. Helm reads the address from the KUBECONFIG that the
 * build gives to these tests.
 */
final class Looked implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CRDS = "/apis/apiextensions.k8s.io/v1";

    private final Map<String, Object> answers = new TreeMap<>();
    private final HttpServer server;

    private Looked() {
        answers.put("/api/v1", resources("v1", "Namespace", "namespaces", false, "Secret", "secrets", true));
        answers.put(
                CRDS,
                resources(
                        "apiextensions.k8s.io/v1",
                        "CustomResourceDefinition",
                        "customresourcedefinitions",
                        false,
                        "Ignored",
                        "ignored",
                        false));
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            Files.writeString(Path.of(System.getenv("KUBECONFIG")), """
                    apiVersion: v1
                    kind: Config
                    current-context: test
                    clusters: [{name: test, cluster: {server: "http://127.0.0.1:%d"}}]
                    contexts: [{name: test, context: {cluster: test}}]
                    """.formatted(
                            server.getAddress().getPort()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.start();
    }

    /** As {@code helm template} has it: nothing is ever found. */
    static Looked nowhere() {
        return new Looked();
    }

    /** A cluster without anything. */
    static Looked cluster() {
        return new Looked().with("/api/v1/namespaces/kube-system", Map.of("apiVersion", "v1", "kind", "Namespace"));
    }

    Looked withSecret(String name, Map<String, String> data) {
        return with(
                "/api/v1/namespaces/tidemill-system/secrets/" + name,
                Map.of("apiVersion", "v1", "kind", "Secret", "data", data));
    }

    Looked withDefinition(Map<String, Object> definition) {
        return with(CRDS + "/customresourcedefinitions/" + Chart.name(definition), definition);
    }

    private Looked with(String path, Object answer) {
        answers.put(path, answer);
        return this;
    }

    private static Map<String, Object> resources(
            String version,
            String kind,
            String plural,
            boolean namespaced,
            String kind2,
            String plural2,
            boolean namespaced2) {
        return Map.of(
                "kind",
                "APIResourceList",
                "groupVersion",
                version,
                "resources",
                List.of(
                        Map.of("name", plural, "kind", kind, "namespaced", namespaced, "verbs", List.of("get")),
                        Map.of("name", plural2, "kind", kind2, "namespaced", namespaced2, "verbs", List.of("get"))));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var answer = answers.get(exchange.getRequestURI().getPath());
            var body = json(answer == null ? Map.of("kind", "Status", "code", 404, "reason", "NotFound") : answer);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer == null ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static byte[] json(Object value) throws JsonProcessingException {
        return JSON.writeValueAsString(value).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
