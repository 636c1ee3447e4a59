package dev.tidemill.functions.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.tidemill.api.Json;
import dev.tidemill.operator.GoldenConfig;
import dev.tidemill.operator.RunningOperator;
import dev.tidemill.operator.TestCluster;
import dev.tidemill.operator.function.FunctionResource;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The gate as the operator places it: with the settings and the words that it finds in its pod, and with tokens, issuer and keys of a
 * real kube-apiserver. Only its pod is played by this process.
 */
@DisplayName("The gate as the operator places it")
class GateOnApiServerIT {

    private static final String FUNCTION = "guarded";

    private final List<String> callers = new CopyOnWriteArrayList<>();
    private final HttpServer function;
    private KubernetesClient client;
    private RunningOperator operator;
    private String namespace;
    private Gate gate;

    GateOnApiServerIT() throws IOException {
        function = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        function.createContext("/", call -> {
            callers.add(call.getRequestHeaders().getFirst("Tidemill-Caller") + " " + call.getRequestURI());
            call.sendResponseHeaders(204, -1);
            call.close();
        });
        function.start();
    }

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        client = TestCluster.client();
        TestCluster.defineKinds(client);
        TestCluster.defineIfAbsent(client, "knative/serving-crds.yaml");
        TestCluster.defineIfAbsent(client, "knative/eventing-crds.yaml");
        namespace = client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withGenerateName("gate-it-")
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getName();
        if (client.namespaces().withName("tidemill-system").get() == null) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName("tidemill-system")
                            .endMetadata()
                            .build())
                    .create();
        }
        for (String account : List.of("gate", "pipeline", "other", "tidemill-dataflow")) {
            client.resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName(account)
                            .withNamespace(namespace)
                            .endMetadata()
                            .build())
                    .create();
        }
        operator = new RunningOperator(client, GoldenConfig.GATED, Clock.systemUTC());
        client.load(new ByteArrayInputStream("""
                        apiVersion: tidemill.dev/v1alpha1
                        kind: Function
                        metadata: {name: %s, namespace: %s}
                        spec:
                          image: i
                          invokers: [{serviceAccount: pipeline}]
                          events: [{name: e, filter: {type: t}}]
                        """.formatted(FUNCTION, namespace).getBytes(UTF_8)))
                .create();
        gate = Gate.start(Settings.of(Map.of("PORT", "0", "TIDEMILL_GATE", settings(folder))));
    }

    /** What the gate is told, with the places of this machine for those of its pod. */
    private String settings(Path folder) throws IOException {
        var told = await(Service.class, FUNCTION).getSpec().getTemplate().getSpec().getContainers().stream()
                .filter(container -> container.getName().equals("gate"))
                .flatMap(container -> container.getEnv().stream())
                .filter(variable -> variable.getName().equals("TIDEMILL_GATE"))
                .findFirst()
                .orElseThrow();
        var words = Files.createDirectory(folder.resolve("words"));
        for (var word :
                await(Secret.class, "tidemill-deliveries-" + FUNCTION).getData().entrySet()) {
            Files.write(words.resolve(word.getKey()), Base64.getDecoder().decode(word.getValue()));
        }
        var config = client.getConfiguration();
        var ca = folder.resolve("ca.crt");
        if (config.getCaCertData() == null) {
            Files.copy(Path.of(config.getCaCertFile()), ca);
        } else {
            Files.write(ca, Base64.getDecoder().decode(config.getCaCertData()));
        }
        // As the pod of a function has it: of its own account, for the API server.
        var token = Files.writeString(folder.resolve("token"), token("gate", List.of()));
        var settings = (ObjectNode) Json.mapper().readTree(told.getValue());
        settings.put("function", function.getAddress().getPort())
                .put("keys", config.getMasterUrl())
                .put("ca", ca.toString())
                .put("token", token.toString())
                .put("deliveries", words.toString());
        return settings.toString();
    }

    @AfterEach
    void end() {
        if (gate != null) {
            gate.close();
        }
        function.stop(0);
        if (operator != null) {
            var functions = client.resources(FunctionResource.class).inNamespace(namespace);
            functions.delete();
            functions.withName(FUNCTION).waitUntilCondition(gone -> gone == null, 60, TimeUnit.SECONDS);
            operator.close();
        }
        client.namespaces().withName(namespace).delete();
        client.close();
    }

    @Test
    @DisplayName(
            "lets the declared ServiceAccount, the materializer and the broker through, each by its own way, and nobody else")
    void onlyWhoIsDeclaredGetsThrough() throws Exception {
        var audience = "tidemill.dev/" + namespace + "/" + FUNCTION;
        assertThat(call("/", "")).as("no token").isEqualTo(401);
        assertThat(call("/", token("other", List.of(audience)))).isEqualTo(403);
        assertThat(call("/", token("pipeline", List.of(audience + "-other")))).isEqualTo(401);
        assertThat(call("/", token("pipeline", List.of("tidemill.dev/" + namespace))))
                .as("a token for the namespace, as only the materializer's opens")
                .isEqualTo(403);
        assertThat(call("/", token("pipeline", List.of())))
                .as("a token for the API server")
                .isEqualTo(401);
        assertThat(call("/_tidemill/deliver/" + "x".repeat(43) + "/", "")).isEqualTo(401);
        assertThat(callers).isEmpty();

        assertThat(call("/direct", token("pipeline", List.of(audience)))).isEqualTo(204);
        assertThat(call("/shard", token("tidemill-dataflow", List.of("tidemill.dev/" + namespace))))
                .isEqualTo(204);
        var subscriber = client.resources(Trigger.class)
                .inNamespace(namespace)
                .informOnCondition(found -> !found.isEmpty())
                .orTimeout(60, TimeUnit.SECONDS)
                .join()
                .getFirst()
                .getSpec()
                .getSubscriber();
        assertThat(subscriber.getRef().getName()).isEqualTo(FUNCTION);
        assertThat(call(subscriber.getUri(), "")).isEqualTo(204);
        assertThat(callers)
                .containsExactly(
                        "system:serviceaccount:" + namespace + ":pipeline /direct",
                        "system:serviceaccount:" + namespace + ":tidemill-dataflow /shard",
                        "broker /");
    }

    private <R extends HasMetadata> R await(Class<R> kind, String name) {
        return client.resources(kind)
                .inNamespace(namespace)
                .withName(name)
                .waitUntilCondition(found -> found != null, 60, TimeUnit.SECONDS);
    }

    private String token(String account, List<String> audiences) {
        return client.serviceAccounts()
                .inNamespace(namespace)
                .withName(account)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences(audiences)
                        .withExpirationSeconds(600L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    private int call(String path, String token) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gate.port() + path))
                    .version(HttpClient.Version.HTTP_1_1);
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
            return http.send(request.build(), BodyHandlers.discarding()).statusCode();
        }
    }
}
