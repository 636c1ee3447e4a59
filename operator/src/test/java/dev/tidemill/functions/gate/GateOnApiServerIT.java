package dev.tidemill.functions.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.tidemill.operator.GoldenConfig;
import dev.tidemill.operator.RunningOperator;
import dev.tidemill.operator.TestCluster;
import dev.tidemill.operator.function.FunctionResource;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
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
    private PlacedGate gate;

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
        for (String account : List.of("pipeline", "other", "tidemill-dataflow")) {
            PlacedGate.account(client, namespace, account);
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
        gate = PlacedGate.of(client, namespace, FUNCTION, function.getAddress().getPort(), folder);
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
        assertThat(gate.call("/", "")).as("no token").isEqualTo(401);
        assertThat(gate.call("/", gate.token("other", List.of(audience)))).isEqualTo(403);
        assertThat(gate.call("/", gate.token("pipeline", List.of(audience + "-other"))))
                .isEqualTo(401);
        assertThat(gate.call("/", gate.token("pipeline", List.of("tidemill.dev/" + namespace))))
                .as("a token for the namespace, as only the materializer's opens")
                .isEqualTo(403);
        assertThat(gate.call("/", gate.token("pipeline", List.of())))
                .as("a token for the API server")
                .isEqualTo(401);
        assertThat(gate.call("/_tidemill/deliver/" + "x".repeat(43) + "/", "")).isEqualTo(401);
        assertThat(callers).isEmpty();

        assertThat(gate.call("/direct", gate.token("pipeline", List.of(audience))))
                .isEqualTo(204);
        assertThat(gate.call("/shard", gate.token("tidemill-dataflow", List.of("tidemill.dev/" + namespace))))
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
        assertThat(gate.call(subscriber.getUri(), "")).isEqualTo(204);
        assertThat(callers)
                .containsExactly(
                        "system:serviceaccount:" + namespace + ":pipeline /direct",
                        "system:serviceaccount:" + namespace + ":tidemill-dataflow /shard",
                        "broker /");
    }
}
