package dev.tidemill.functions.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.tidemill.api.Condition;
import dev.tidemill.operator.GoldenConfig;
import dev.tidemill.operator.KnativeSays;
import dev.tidemill.operator.RunningOperator;
import dev.tidemill.operator.TestCluster;
import dev.tidemill.operator.function.FunctionResource;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.eventing.v1.TriggerBuilder;
import io.fabric8.knative.eventing.v1alpha1.EventPolicy;
import io.fabric8.knative.eventing.v1alpha1.EventPolicySpecFrom;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deliveries where Knative Eventing shows tokens: the operator, its gate and a real kube-apiserver's tokens; Knative's word is played here. */
@DisplayName("Deliveries by token")
class DeliveriesByTokenIT {

    private static final String FUNCTION = "told";
    private static final String SENDER = "told-e-oidc";

    private final List<String> callers = new CopyOnWriteArrayList<>();
    private final HttpServer function;
    private KubernetesClient client;
    private RunningOperator operator;
    private String namespace;

    DeliveriesByTokenIT() throws IOException {
        function = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        function.createContext("/", call -> {
            callers.add(call.getRequestHeaders().getFirst("Tidemill-Caller") + " " + call.getRequestURI());
            call.sendResponseHeaders(204, -1);
            call.close();
        });
        function.start();
    }

    @BeforeEach
    void start() throws Exception {
        client = TestCluster.client();
        TestCluster.defineKinds(client);
        for (var kinds : List.of("serving-crds", "eventing-crds", "eventpolicy-crd")) {
            TestCluster.defineIfAbsent(client, "knative/" + kinds + ".yaml");
        }
        namespace = client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withGenerateName("token-it-")
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getName();
        for (var name : List.of("tidemill-system", "knative-eventing")) {
            if (client.namespaces().withName(name).get() == null) {
                client.resource(new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .endMetadata()
                                .build())
                        .create();
            }
        }
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("config-features")
                        .withNamespace("knative-eventing")
                        .endMetadata()
                        .withData(Map.of("authentication-oidc", "enabled"))
                        .build())
                .forceConflicts()
                .serverSideApply();
        for (String account : List.of(SENDER, "other")) {
            PlacedGate.account(client, namespace, account);
        }
        operator = new RunningOperator(client, GoldenConfig.GATED, Clock.systemUTC());
    }

    @AfterEach
    void end() {
        function.stop(0);
        if (operator != null) {
            var functions = client.resources(FunctionResource.class).inNamespace(namespace);
            functions.delete();
            functions.withName(FUNCTION).waitUntilCondition(gone -> gone == null, 60, TimeUnit.SECONDS);
            operator.close();
        }
        // Of the whole API server: other tests are of a Knative without it.
        client.configMaps()
                .inNamespace("knative-eventing")
                .withName("config-features")
                .delete();
        client.namespaces().withName(namespace).delete();
        client.close();
    }

    @Test
    @DisplayName(
            "come by the word until the gate that serves knows the Trigger's account, then by its token; an EventPolicy names who may send")
    void comeByTheTriggersToken(@TempDir Path folder) throws Exception {
        client.load(new ByteArrayInputStream("""
                        apiVersion: tidemill.dev/v1alpha1
                        kind: Function
                        metadata: {name: %s, namespace: %s}
                        spec: {image: i, events: [{name: e, filter: {type: t}}]}
                        """.formatted(FUNCTION, namespace).getBytes(UTF_8)))
                .create();
        var audience = "tidemill.dev/" + namespace + "/" + FUNCTION;
        var trigger = trigger(found -> audience.equals(subscriber(found).getAudience()));
        assertThat(subscriber(trigger).getUri()).startsWith("/_tidemill/deliver/");

        client.resource(trigger)
                .editStatus(now -> new TriggerBuilder(now)
                        .withNewStatus()
                        .withNewAuth()
                        .withServiceAccountName(SENDER)
                        .endAuth()
                        .endStatus()
                        .build());
        var subject = "system:serviceaccount:" + namespace + ":" + SENDER;
        var service = PlacedGate.await(
                client,
                namespace,
                Service.class,
                FUNCTION,
                found -> found != null && PlacedGate.told(found).contains(subject));
        assertThat(subscriber(trigger(_ -> true)).getUri())
                .as("the gate that knows it does not serve yet")
                .startsWith("/_tidemill/deliver/");

        KnativeSays.ready(client, service, URI.create("http://told.example"));
        trigger(found -> subscriber(found).getUri() == null);
        try (var gate =
                PlacedGate.of(client, namespace, FUNCTION, function.getAddress().getPort(), folder)) {
            assertThat(gate.call("/", "")).isEqualTo(401);
            assertThat(gate.call("/", gate.token("other", List.of(audience)))).isEqualTo(403);
            assertThat(gate.call("/", gate.token(SENDER, List.of("another"))))
                    .as("a token for another receiver")
                    .isEqualTo(401);
            assertThat(gate.call("/", gate.token(SENDER, List.of(audience)))).isEqualTo(204);
            assertThat(callers).containsExactly(subject + " /");
        }

        var policy = PlacedGate.await(client, namespace, EventPolicy.class, "tidemill-senders", found -> found != null);
        assertThat(policy.getSpec().getTo().getFirst().getRef().getKind()).isEqualTo("Broker");
        assertThat(policy.getSpec().getFrom())
                .extracting(EventPolicySpecFrom::getSub)
                .containsExactly(
                        "system:serviceaccount:tidemill-system:tidemill-operator",
                        "system:serviceaccount:" + namespace + ":*");
        var told = PlacedGate.await(
                        client,
                        namespace,
                        FunctionResource.class,
                        FUNCTION,
                        found -> found != null && holds(found, "SendersKnown") && holds(found, "InvokersEnforced"))
                .getStatus();
        assertThat(told.conditions()).hasSizeLessThanOrEqualTo(8);
    }

    private static boolean holds(FunctionResource function, String type) {
        return function.getStatus() != null
                && function.getStatus().conditions().stream()
                        .anyMatch(condition ->
                                condition.type().equals(type) && condition.status() == Condition.Status.True);
    }

    private static io.fabric8.knative.duck.v1.Destination subscriber(Trigger trigger) {
        return trigger.getSpec().getSubscriber();
    }

    private Trigger trigger(Predicate<Trigger> is) {
        return client.resources(Trigger.class)
                .inNamespace(namespace)
                .withLabel("tidemill.dev/function", FUNCTION)
                .informOnCondition(found -> found.stream().anyMatch(is))
                .orTimeout(90, TimeUnit.SECONDS)
                .join()
                .getFirst();
    }
}
