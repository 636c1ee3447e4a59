package dev.tidemill.functions.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Condition;
import dev.tidemill.operator.KnativeSays;
import dev.tidemill.operator.TestCluster;
import dev.tidemill.operator.function.FunctionResource;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.eventing.v1.TriggerBuilder;
import io.fabric8.knative.eventing.v1alpha1.EventPolicy;
import io.fabric8.knative.eventing.v1alpha1.EventPolicySpecFrom;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

    private RememberingFunction function;
    private GatedNamespace place;

    @BeforeEach
    void start() throws Exception {
        function = RememberingFunction.start();
        place = new GatedNamespace("token-it-");
        TestCluster.defineIfAbsent(place.client, "knative/eventpolicy-crd.yaml");
        place.provide("knative-eventing");
        place.client
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("config-features")
                        .withNamespace("knative-eventing")
                        .endMetadata()
                        .withData(Map.of("authentication-oidc", "enabled"))
                        .build())
                .forceConflicts()
                .serverSideApply();
        for (String account : List.of(SENDER, "other")) {
            PlacedGate.account(place.client, place.name, account);
        }
        place.startOperator();
    }

    @AfterEach
    void end() throws Exception {
        if (function != null) {
            function.close();
        }
        if (place == null) {
            return;
        }
        place.close();
        // Of the whole API server: other tests are of a Knative without it.
        try (var client = TestCluster.client()) {
            client.configMaps()
                    .inNamespace("knative-eventing")
                    .withName("config-features")
                    .delete();
        }
    }

    @Test
    @DisplayName(
            "come by the word until the gate that serves knows the Trigger's account, then by its token; an EventPolicy names who may send")
    void comeByTheTriggersToken(@TempDir Path folder) throws Exception {
        place.declare(FUNCTION, "{image: i, events: [{name: e, filter: {type: t}}]}");
        var audience = "tidemill.dev/" + place.name + "/" + FUNCTION;
        var trigger = trigger(found -> audience.equals(subscriber(found).getAudience()));
        assertThat(subscriber(trigger).getUri()).startsWith("/_tidemill/deliver/");

        place.client
                .resource(trigger)
                .editStatus(now -> new TriggerBuilder(now)
                        .withNewStatus()
                        .withNewAuth()
                        .withServiceAccountName(SENDER)
                        .endAuth()
                        .endStatus()
                        .build());
        var subject = "system:serviceaccount:" + place.name + ":" + SENDER;
        var service = PlacedGate.await(
                place.client,
                place.name,
                Service.class,
                FUNCTION,
                found -> found != null && PlacedGate.told(found).contains(subject));
        assertThat(subscriber(trigger(_ -> true)).getUri())
                .as("the gate that knows it does not serve yet")
                .startsWith("/_tidemill/deliver/");

        KnativeSays.ready(place.client, service, URI.create("http://told.example"));
        trigger(found -> subscriber(found).getUri() == null);
        try (var gate = PlacedGate.of(place.client, place.name, FUNCTION, function.port(), folder)) {
            assertThat(gate.call("/", "")).isEqualTo(401);
            assertThat(gate.call("/", gate.token("other", List.of(audience)))).isEqualTo(403);
            assertThat(gate.call("/", gate.token(SENDER, List.of("another"))))
                    .as("a token for another receiver")
                    .isEqualTo(401);
            assertThat(gate.call("/", gate.token(SENDER, List.of(audience)))).isEqualTo(204);
            assertThat(function.callers()).containsExactly(subject + " /");
        }

        var policy = PlacedGate.await(
                place.client, place.name, EventPolicy.class, "tidemill-senders", found -> found != null);
        assertThat(policy.getSpec().getTo().getFirst().getRef().getKind()).isEqualTo("Broker");
        assertThat(policy.getSpec().getFrom())
                .extracting(EventPolicySpecFrom::getSub)
                .containsExactly(
                        "system:serviceaccount:tidemill-system:tidemill-operator",
                        "system:serviceaccount:" + place.name + ":*");
        var told = PlacedGate.await(
                        place.client,
                        place.name,
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
        return place.client
                .resources(Trigger.class)
                .inNamespace(place.name)
                .withLabel("tidemill.dev/function", FUNCTION)
                .informOnCondition(found -> found.stream().anyMatch(is))
                .orTimeout(TestCluster.PATIENCE, TimeUnit.SECONDS)
                .join()
                .getFirst();
    }
}
