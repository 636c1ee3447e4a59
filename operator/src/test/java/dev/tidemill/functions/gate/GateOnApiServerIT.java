package dev.tidemill.functions.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.operator.TestCluster;
import io.fabric8.knative.eventing.v1.Trigger;
import java.nio.file.Path;
import java.util.List;
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

    private RememberingFunction function;
    private GatedNamespace place;
    private PlacedGate gate;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        function = RememberingFunction.start();
        place = new GatedNamespace("gate-it-");
        for (String account : List.of("pipeline", "other", "tidemill-dataflow")) {
            PlacedGate.account(place.client, place.name, account);
        }
        place.startOperator();
        place.declare(
                FUNCTION, "{image: i, invokers: [{serviceAccount: pipeline}], events: [{name: e, filter: {type: t}}]}");
        gate = PlacedGate.of(place.client, place.name, FUNCTION, function.port(), folder);
    }

    @AfterEach
    void end() {
        if (gate != null) {
            gate.close();
        }
        if (function != null) {
            function.close();
        }
        if (place != null) {
            place.close();
        }
    }

    @Test
    @DisplayName(
            "lets the declared ServiceAccount, the materializer and the broker through, each by its own way, and nobody else")
    void onlyWhoIsDeclaredGetsThrough() throws Exception {
        var audience = "tidemill.dev/" + place.name + "/" + FUNCTION;
        assertThat(gate.call("/", "")).as("no token").isEqualTo(401);
        assertThat(gate.call("/", gate.token("other", List.of(audience)))).isEqualTo(403);
        assertThat(gate.call("/", gate.token("pipeline", List.of(audience + "-other"))))
                .isEqualTo(401);
        assertThat(gate.call("/", gate.token("pipeline", List.of("tidemill.dev/" + place.name))))
                .as("a token for the namespace, as only the materializer's opens")
                .isEqualTo(403);
        assertThat(gate.call("/", gate.token("pipeline", List.of())))
                .as("a token for the API server")
                .isEqualTo(401);
        assertThat(gate.call("/_tidemill/deliver/" + "x".repeat(43) + "/", "")).isEqualTo(401);
        assertThat(function.callers()).isEmpty();

        assertThat(gate.call("/direct", gate.token("pipeline", List.of(audience))))
                .isEqualTo(204);
        assertThat(gate.call("/shard", gate.token("tidemill-dataflow", List.of("tidemill.dev/" + place.name))))
                .isEqualTo(204);
        var subscriber = place.client
                .resources(Trigger.class)
                .inNamespace(place.name)
                .informOnCondition(found -> !found.isEmpty())
                .orTimeout(TestCluster.PATIENCE, TimeUnit.SECONDS)
                .join()
                .getFirst()
                .getSpec()
                .getSubscriber();
        assertThat(subscriber.getRef().getName()).isEqualTo(FUNCTION);
        assertThat(gate.call(subscriber.getUri(), "")).isEqualTo(204);
        assertThat(function.callers())
                .containsExactly(
                        "system:serviceaccount:" + place.name + ":pipeline /direct",
                        "system:serviceaccount:" + place.name + ":tidemill-dataflow /shard",
                        "broker /");
    }
}
