package dev.tidemill.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Condition;
import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.EventTypes;
import dev.tidemill.operator.Recorder.Use;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.serving.KnativeCase;
import dev.tidemill.operator.store.ObjectStoreResource;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.knative.eventing.v1.Trigger;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.sources.v1.PingSource;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.minio.MakeBucketArgs;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator under its own ServiceAccount, with the rights of {@code k8s/install.yaml}, through the life of each kind. */
@DisplayName("The operator with no rights but those of the chart")
class RbacIT {

    private static final String NS = "rbac-" + UUID.randomUUID().toString().substring(0, 8);
    private static final String SYSTEM = GoldenConfig.CONFIG.namespace();
    private static final String ACCOUNT = "tidemill-operator";

    private static final String CONFLICT =
            "JOSDK reads a resource anew when somebody else changed it while its finalizer was removed";
    private static final String OWNS =
            "asked for by the admission plugin OwnerReferencesPermissionEnforcement, which OpenShift has: owner references block deletion";

    /** What this test cannot have the operator do, and why it is granted all the same. */
    private static final Map<Use, String> NOT_SEEN = new TreeMap<>(Map.of(
            new Use("update", "leases.coordination.k8s.io"),
            "JOSDK refuses to run for the lease without it, and then patches",
            new Use("get", "datasets.tidemill.dev"),
            CONFLICT,
            new Use("get", "functions.tidemill.dev"),
            CONFLICT,
            new Use("get", "models.tidemill.dev"),
            CONFLICT,
            new Use("update", "functions/finalizers.tidemill.dev"),
            OWNS,
            new Use("update", "models/finalizers.tidemill.dev"),
            OWNS));

    static {
        for (var verb : List.of("create", "patch", "delete")) {
            NOT_SEEN.put(new Use(verb, "cronjobs.batch"), "in place of PingSources where the cluster serves none");
        }
        for (var verb : List.of("list", "watch", "create", "patch")) {
            NOT_SEEN.put(new Use(verb, "eventpolicies.eventing.knative.dev"), "where Knative Eventing shows tokens");
        }
    }

    @Test
    @DisplayName("It does all that it does with the chart's rights, and has none that it does not use")
    void rightsAreWhatIsUsed(@TempDir Path folder) throws Exception {
        try (var admin = TestCluster.client();
                var minio = RealMinio.start(Map.of());
                var path = new FakeDataPath()) {
            var api = new ApiServer(admin);
            TestCluster.install(admin);
            TestCluster.defineIfAbsent(admin, "knative/serving-crds.yaml");
            TestCluster.defineIfAbsent(admin, "knative/eventing-crds.yaml");
            api.namespace(NS);
            api.secret(NS, Map.of("accessKey", "minioadmin", "secretKey", "minioadmin"));
            var granted = grant(admin);
            admin.leases().inNamespace(SYSTEM).withName(ACCOUNT).delete();
            minio.foreignClient(RealMinio.ROOT)
                    .makeBucket(MakeBucketArgs.builder().bucket("lake").build());
            minio.put("lake", "models/m.onnx", "a graph");
            var store = Files.writeString(folder.resolve("store.yaml"), """
                    apiVersion: tidemill.dev/v1alpha1
                    kind: ObjectStore
                    metadata: {name: %1$s}
                    spec:
                      endpoint: %2$s
                      credentialsSecret: %1$s
                      grants:
                      - {name: all, namespaces: {matchLabels: {team: %1$s}}, bucket: lake, prefix: "", access: ReadWrite}
                    """.formatted(NS, minio.endpoint()));
            var recorder = new Recorder();
            try (var client = itself(admin, recorder);
                    var _ = new RunningOperator(
                            client, GoldenConfig.hastyAndGated(path.address("/")), Clock.systemUTC(), store)) {
                live(api, path);
            }
            assertThat(recorder.forbidden()).as("refused by the API server").isEmpty();
            var unused = new TreeSet<>(granted);
            unused.removeAll(recorder.used());
            assertThat(unused).as("granted and not used").isEqualTo(NOT_SEEN.keySet());
        }
    }

    /** Each kind comes, is served, changes and goes. */
    private static void live(ApiServer api, FakeDataPath path) throws InterruptedException {
        var address = path.address("/materializer");
        var client = api.client();
        api.awaitCondition(ObjectStoreResource.class, null, NS, Condition.READY, Status.True, "Measured");
        create(api, "Dataset", "raw", "source: {bucket: lake, prefix: raw/}");
        for (var service : List.of("tidemill-dataflow-" + NS, "tidemill-profile-" + NS)) {
            api.serves(NS, service, address);
        }
        var broker = api.await(Broker.class, NS, found -> !found.isEmpty()).getFirst();
        var audience = "eventing.knative.dev/broker/" + NS + "/default";
        KnativeSays.address(client, broker, path.address("/broker/" + NS), audience);
        api.awaitCondition(DatasetResource.class, NS, "raw", Condition.READY, Status.True, "Committed");
        assertThat(whoSent(client, path.awaitDelivery(EventTypes.DATASET_MATERIALIZED), audience))
                .isEqualTo("system:serviceaccount:" + SYSTEM + ":" + ACCOUNT);
        create(
                api,
                "Function",
                "clean",
                "{image: i, data: [{name: d, store: %s, bucket: lake, s3Prefix: raw, scale: 2}], events: [{name: a, filter: {type: t}}, {name: nightly, schedule: 0 2 * * *}]}"
                        .formatted(NS));
        api.serves(NS, "clean", address);
        create(
                api,
                "Dataset",
                "cleaned",
                "{from: {dataset: raw, function: clean}, output: {bucket: lake, prefix: cleaned/}}");
        api.awaitCondition(DatasetResource.class, NS, "cleaned", Condition.READY, Status.True, "Committed");
        api.await(PingSource.class, NS, found -> !found.isEmpty());
        api.await(Trigger.class, NS, found -> found.size() == 2);
        api.resource(FunctionResource.class, NS, "clean")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"events\": [], \"data\": []}}");
        api.await(PingSource.class, NS, List::isEmpty);
        api.await(Trigger.class, NS, found -> found.size() == 1);
        create(
                api,
                "Model",
                "digits",
                "{format: ONNX, source: {store: %s, bucket: lake, key: models/m.onnx}, inputs: [{name: x, datatype: FP32, shape: [-1, 4]}], outputs: [{name: y, datatype: FP32, shape: [-1]}]}"
                        .formatted(NS));
        api.serves(NS, "model-digits", address);
        api.awaitCondition(ModelResource.class, NS, "digits", Condition.READY, Status.True, "Serving");
        KnativeCase.named("the second revision has waited for too long", KnativeCase.of(NS, "model-digits"))
                .since(Instant.now().minus(Duration.ofHours(1)))
                .say(client, NS, "model-digits");
        KnativeSays.gone(client, NS, "model-digits-00002");
        stuckPod(api);
        api.await(Event.class, NS, found -> !found.isEmpty());
        api.delete(ModelResource.class, NS, "digits");
        api.delete(DatasetResource.class, NS, "cleaned");
        api.delete(FunctionResource.class, NS, "clean");
        api.delete(FunctionResource.class, NS, "handler");
        api.delete(DatasetResource.class, NS, "raw");
        api.await(Service.class, NS, found -> found.stream().noneMatch(ApiServer.named("tidemill-dataflow-" + NS)));
        assertThat(client.network()
                        .networkPolicies()
                        .inNamespace(NS)
                        .withName("tidemill-dataflow")
                        .get())
                .isNull();
        assertThat(client.serviceAccounts()
                        .inNamespace(NS)
                        .withName("tidemill-dataflow")
                        .get())
                .isNull();
        api.forgetStore(NS);
        client.namespaces().withName(NS).delete();
    }

    /** As the API server reads the token, which is how Knative Eventing's ingress knows a sender. */
    private static @Nullable String whoSent(KubernetesClient client, FakeDataPath.Delivery delivery, String audience) {
        var review = client.tokenReviews()
                .create(new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(delivery.token())
                        .addToAudiences(audience)
                        .endSpec()
                        .build());
        return review.getStatus().getUser().getUsername();
    }

    /** A Lambda function whose handlers do not return: its pod is replaced, which no scheduler and no kubelet here would start. */
    private static void stuckPod(ApiServer api) {
        create(api, "Function", "handler", "{image: i, runtime: Lambda, handler: app.handler}");
        api.serves(NS, "handler", URI.create("http://handler"));
        var pods = api.client().pods().inNamespace(NS);
        pods.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName("handler-1")
                        .withNamespace(NS)
                        .addToLabels(Labels.MANAGED_BY, Labels.MANAGER)
                        .addToLabels(Labels.FUNCTION, "handler")
                        .addToLabels(Labels.RUNTIME, "lambda")
                        .endMetadata()
                        .withNewSpec()
                        .withSchedulerName("nobody")
                        .withAutomountServiceAccountToken(false)
                        .addNewContainer()
                        .withName("bridge")
                        .withImage("i")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        var longAgo = Instant.now()
                .minus(Duration.ofHours(1))
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
        pods.withName("handler-1")
                .editStatus(pod -> new PodBuilder(pod)
                        .editStatus()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("False")
                        .withLastTransitionTime(longAgo)
                        .endCondition()
                        .addNewContainerStatus()
                        .withName("bridge")
                        .withImage("i")
                        .withImageID("i")
                        .withReady(false)
                        .withRestartCount(0)
                        .withNewState()
                        .withNewRunning(longAgo)
                        .endState()
                        .endContainerStatus()
                        .endStatus()
                        .build());
        pods.withName("handler-1")
                .waitUntilCondition(
                        gone -> gone == null || gone.getMetadata().getDeletionTimestamp() != null,
                        90,
                        TimeUnit.SECONDS);
        pods.withName("handler-1").withGracePeriod(0).delete();
    }

    private static void create(ApiServer api, String kind, String name, String spec) {
        var fields = spec.startsWith("{") ? spec.substring(1, spec.length() - 1) : spec;
        api.create("kind: %s\nmetadata: {name: %s, namespace: %s}\nspec: {%s%s}\n"
                .formatted(kind, name, NS, kind.equals("Dataset") ? "store: " + NS + ", resync: 1h, " : "", fields));
    }

    /** Gives the operator's account what the installation does, and nothing else. */
    private static Set<Use> grant(KubernetesClient admin) throws Exception {
        var granted = new TreeSet<Use>();
        try (var file = Files.newInputStream(Path.of("../k8s/install.yaml"))) {
            for (var object : admin.load(file).items()) {
                if (object instanceof ServiceAccount account
                        && account.getMetadata().getName().equals(ACCOUNT)) {
                    admin.resource(object).forceConflicts().serverSideApply();
                }
                if (object.getApiVersion().startsWith("rbac.")
                        && object.getMetadata().getName().equals(ACCOUNT)) {
                    admin.resource(object).forceConflicts().serverSideApply();
                    rules(object).flatMap(RbacIT::uses).forEach(granted::add);
                }
            }
        }
        assertThat(granted).hasSizeGreaterThan(20);
        return granted;
    }

    private static Stream<PolicyRule> rules(HasMetadata object) {
        return switch (object) {
            case ClusterRole role -> role.getRules().stream();
            case Role role -> role.getRules().stream();
            default -> Stream.of();
        };
    }

    private static Stream<Use> uses(PolicyRule rule) {
        return rule.getVerbs().stream()
                .flatMap(verb -> rule.getResources().stream()
                        .flatMap(resource -> rule.getApiGroups().stream().map(group -> Use.of(verb, group, resource))));
    }

    private static KubernetesClient itself(KubernetesClient admin, Recorder recorder) {
        var config = new ConfigBuilder(admin.getConfiguration())
                .withImpersonateUsername("system:serviceaccount:" + SYSTEM + ":" + ACCOUNT)
                .withImpersonateGroups(
                        "system:serviceaccounts", "system:serviceaccounts:" + SYSTEM, "system:authenticated")
                .build();
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("recorder", recorder))
                .build();
    }
}
