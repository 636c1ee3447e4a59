package dev.tidemill.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Condition.Status;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What Knative, or the cluster, would refuse of a pod, on a real kube-apiserver with the ConfigMap as Knative installs it. */
@DisplayName("Pods that the cluster refuses are told, with the remedy, and served once it is applied")
@SuppressWarnings("NullAway.Init")
class FeaturesIT {

    private static final String NS = "features-" + UUID.randomUUID().toString().substring(0, 8);
    private static final String SERVING = "knative-serving";
    private static final String INPUTS =
            "inputs: [{name: x, datatype: FP32, shape: [-1, 4]}], outputs: [{name: y, datatype: FP32, shape: [-1]}]";

    private static ApiServer api;
    private static RealMinio minio;
    private static RunningOperator operator;
    private static @Nullable ConfigMap before;
    private static final MovedClock CLOCK = new MovedClock();

    @BeforeAll
    static void start() throws Exception {
        api = ApiServer.with(NS);
        minio = RealMinio.withLake();
        minio.put("lake", "ours/m.onnx", "a graph");
        if (api.client().namespaces().withName(SERVING).get() == null) {
            api.namespace(SERVING);
        }
        before = features().get();
        says(Map.of("_example", "kubernetes.podspec-nodeselector: disabled"));
        operator = new RunningOperator(api.client(), GoldenConfig.hasty(URI.create("http://127.0.0.1:9")), CLOCK);
        api.store(NS, NS, minio, "Auto");
    }

    @AfterAll
    static void stop() throws Exception {
        if (operator != null) {
            features().delete();
            if (before != null) {
                says(before.getData());
            }
            api.leave(NS);
            operator.close();
        }
        if (minio != null) {
            minio.close();
            api.client().close();
        }
    }

    private static Resource<ConfigMap> features() {
        return api.client().configMaps().inNamespace(SERVING).withName("config-features");
    }

    /** As somebody edits it; what was read of it before is old by then. */
    private static void says(Map<String, String> data) {
        features().delete();
        api.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("config-features")
                        .withNamespace(SERVING)
                        .endMetadata()
                        .withData(data)
                        .build())
                .create();
        CLOCK.forward(Duration.ofSeconds(61));
    }

    @Test
    @DisplayName(
            "A flag of Knative that is off is named for Functions and Models alike, and what needs it is served once it is on")
    void aFlagThatIsOffIsNamed() {
        api.create(
                "kind: Function\nmetadata: {name: f, namespace: %s}\nspec: {image: i, nodeSelector: {disk: fast}, tolerations: [{operator: Exists}]}"
                        .formatted(NS));
        api.create(
                "kind: Model\nmetadata: {name: m, namespace: %1$s}\nspec: {format: ONNX, source: {store: %1$s, bucket: lake, key: ours/m.onnx}, nodeSelector: {disk: fast}, %2$s}"
                        .formatted(NS, INPUTS));
        var message = api.awaitCondition(FunctionResource.class, NS, "f", "Ready", Status.False, "FeatureDisabled");
        assertThat(message)
                .isEqualTo(
                        "spec.nodeSelector is refused by Knative as it is: set kubernetes.podspec-nodeselector: enabled in Knative Serving's ConfigMap config-features");
        assertThat(api.awaitCondition(ModelResource.class, NS, "m", "Ready", Status.False, "FeatureDisabled"))
                .isEqualTo(message);
        assertThat(api.client().resources(Service.class).inNamespace(NS).list().getItems())
                .extracting(service -> service.getMetadata().getName())
                .doesNotContain("f", "model-m");

        says(Map.of("kubernetes.podspec-nodeselector", "enabled"));
        lookAgain(FunctionResource.class, "f");
        lookAgain(ModelResource.class, "m");
        api.serves(NS, "model-m", URI.create("http://model-m.it"));
        api.awaitCondition(ModelResource.class, NS, "m", "Ready", Status.True, "Serving");
        api.resource(FunctionResource.class, NS, "f")
                .waitUntilCondition(
                        now -> now.getStatus()
                                .conditions()
                                .getFirst()
                                .message()
                                .contains("kubernetes.podspec-tolerations"),
                        90,
                        TimeUnit.SECONDS);

        says(Map.of("kubernetes.podspec-nodeselector", "enabled", "kubernetes.podspec-tolerations", "allowed"));
        lookAgain(FunctionResource.class, "f");
        api.serves(NS, "f", URI.create("http://f.it"));
        api.awaitCondition(FunctionResource.class, NS, "f", "Ready", Status.True, "Serving");
    }

    @Test
    @DisplayName("What a policy of the cluster refuses is told in its words, and leaves what is served as it is")
    void aPolicysWordsAreTold() {
        var policy = """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: %1$s}
                spec:
                  matchConstraints:
                    resourceRules:
                    - {apiGroups: [serving.knative.dev], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [services]}
                  validations:
                  - expression: "!object.spec.template.spec.containers.exists(c, c.image.startsWith('untrusted/'))"
                    message: images of untrusted/ are not run here
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: %1$s}
                spec:
                  policyName: %1$s
                  validationActions: [Deny]
                  matchResources: {namespaceSelector: {matchLabels: {team: %1$s}}}
                """.formatted(NS);
        var applied = api.client().load(new ByteArrayInputStream(policy.getBytes(StandardCharsets.UTF_8)));
        applied.create();
        try {
            api.create(
                    "kind: Function\nmetadata: {name: own, namespace: %s}\nspec: {image: trusted/own}".formatted(NS));
            api.serves(NS, "own", URI.create("http://own.it"));
            api.awaitCondition(FunctionResource.class, NS, "own", "Ready", Status.True, "Serving");
            var message = awaitRefusal("other", "untrusted/x");
            assertThat(message).contains("images of untrusted/ are not run here");

            api.resource(FunctionResource.class, NS, "own")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"image\": \"untrusted/own\"}}");
            var refused =
                    api.awaitSaying(FunctionResource.class, NS, "own", "RolledOut", Status.False, "DeploymentRefused");
            assertThat(refused.getStatus().conditions().getFirst().holds()).isTrue();
            assertThat(refused.getStatus().url()).isEqualTo("http://own.it");
        } finally {
            applied.delete();
        }
    }

    @Test
    @DisplayName("What a quota of the namespace refuses is told in its words")
    void aQuotasWordsAreTold() {
        var counted = "count/services.serving.knative.dev";
        var none = Map.of(counted, new Quantity("0"));
        var quota = new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("none")
                .withNamespace(NS)
                .endMetadata()
                .withNewSpec()
                .withHard(none)
                .endSpec()
                .build();
        api.client().resource(quota).create();
        try {
            // As its controller would.
            api.client()
                    .resource(quota)
                    .editStatus(now -> new ResourceQuotaBuilder(now)
                            .withNewStatus()
                            .withHard(none)
                            .withUsed(none)
                            .endStatus()
                            .build());
            assertThat(awaitRefusal("more", "i")).contains("exceeded quota", counted);
        } finally {
            api.client().resource(quota).delete();
        }
    }

    /** The words of it: it is in force a while after it is there, and what came before is let through. */
    private static String awaitRefusal(String name, String image) {
        for (var i = 0; i < 60; i++) {
            api.create("kind: Function\nmetadata: {name: %s%d, namespace: %s}\nspec: {image: %s}"
                    .formatted(name, i, NS, image));
            var refused = api
                    .resource(FunctionResource.class, NS, name + i)
                    .waitUntilCondition(now -> now.getStatus() != null, TestCluster.PATIENCE, TimeUnit.SECONDS)
                    .getStatus()
                    .conditions()
                    .stream()
                    .filter(condition -> condition.reason().equals("DeploymentRefused"))
                    .findFirst();
            if (refused.isPresent()) {
                return refused.get().message();
            }
        }
        throw new AssertionError("it is never in force");
    }

    private static <R extends TidemillResource<?, ?>> void lookAgain(Class<R> kind, String name) {
        api.resource(kind, NS, name)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"look\": \"%s\"}}}".formatted(UUID.randomUUID()));
    }
}
