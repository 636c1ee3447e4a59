package dev.tidemill.operator;

import static dev.tidemill.operator.serving.KnativeCase.named;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Condition;
import dev.tidemill.api.ModelStatus;
import dev.tidemill.api.ModelStatus.LastFailure;
import dev.tidemill.operator.dataset.DatasetResource;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.serving.KnativeCase;
import dev.tidemill.operator.store.ObjectStoreResource;
import dev.tidemill.store.Credentials;
import io.fabric8.knative.serving.v1.Revision;
import io.fabric8.knative.serving.v1.RevisionBuilder;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Functions and Models whose next revision comes up, waits or fails, on a real kube-apiserver: what Knative says there are the words of its
 * own code ({@link KnativeCase}).
 */
@DisplayName("What answers is Ready while its next revision comes up, waits or fails")
@SuppressWarnings("NullAway.Init")
class RolloutIT {

    private static final String NS = "rollout-" + UUID.randomUUID().toString().substring(0, 8);
    private static final String ARTIFACT = "s3://lake/ours/models/digits.onnx";
    private static final String SERVES = "the first revision serves";

    private static ApiServer api;
    private static RealMinio minio;
    private static FakeDataPath path;
    private static RunningOperator operator;

    @BeforeAll
    static void start() throws Exception {
        api = ApiServer.with(NS);
        minio = RealMinio.withLake();
        path = new FakeDataPath();
        minio.put("lake", "ours/models/digits.onnx", "a graph");
        operator = operator();
        api.client()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("default")
                        .withNamespace(NS)
                        .endMetadata()
                        .build())
                .serverSideApply();
        api.store(NS, NS, minio, "Auto");
        api.create("""
                kind: Dataset
                metadata: {name: rows, namespace: %1$s}
                spec: {store: %1$s, source: {bucket: lake, prefix: ours/rows/}}
                """.formatted(NS));
        api.serves(NS, "tidemill-dataflow-" + NS, path.address("/materializer"));
        api.serves(NS, "tidemill-profile-" + NS, path.address("/worker"));
    }

    private static RunningOperator operator() throws IOException {
        return new RunningOperator(
                api.client(), GoldenConfig.hasty(URI.create("http://127.0.0.1:9")), Clock.systemUTC());
    }

    @AfterAll
    static void stop() throws Exception {
        if (operator != null) {
            api.leave(NS);
            operator.close();
        }
        if (path != null) {
            path.close();
        }
        if (minio != null) {
            minio.close();
            api.client().close();
        }
    }

    @Test
    @DisplayName("A Model is Ready as long as a revision of it answers, and tells of the one that is to come")
    void models() {
        var names = names("m");
        names.forEach(RolloutIT::model);
        for (var i = 0; i < names.size(); i++) {
            var name = names.get(i);
            var said = KnativeCase.of(NS, "model-" + name).get(i);
            serveFirst(said, name);
            if (said.canary() > 0) {
                patch(ModelResource.class, name, "{\"canaryPercent\": %d}".formatted(said.canary()));
                await(Service.class, "model-" + name, now -> shares(now).size() == 2);
            }
            said.say(api.client(), NS, "model-" + name);
            awaitMeant(said, ModelResource.class, name);
        }
        assertThat(names).hasSizeGreaterThan(15);
    }

    @Test
    @DisplayName("A Function is Ready as long as a revision of it answers")
    void functions() {
        var names = names("f");
        names.forEach(name -> api.create(
                "kind: Function\nmetadata: {name: %s, namespace: %s}\nspec: {builtin: mean}".formatted(name, NS)));
        for (var i = 0; i < names.size(); i++) {
            var name = names.get(i);
            var cases = KnativeCase.of(NS, name);
            var said = cases.get(i);
            if (said.canary() > 0) {
                continue;
            }
            await(Service.class, name, _ -> true);
            if (!said.isFirst()) {
                named(SERVES, cases).say(api.client(), NS, name);
                awaitMeant(named(SERVES, cases), FunctionResource.class, name);
            }
            said.say(api.client(), NS, name);
            awaitMeant(said, FunctionResource.class, name);
        }
    }

    @Test
    @DisplayName("An edited Model stays Ready as the generation that answers, until the edited one does")
    void readySaysWhichGenerationAnswers() {
        model("edited");
        var cases = KnativeCase.of(NS, "model-edited");
        var serves = named(SERVES, cases);
        serveFirst(serves, "edited");
        patch(ModelResource.class, "edited", "{\"source\": {\"key\": \"ours/models/none.onnx\"}}");
        var missing = api.awaitSaying(
                ModelResource.class, NS, "edited", "RolledOut", Condition.Status.False, "ArtifactMissing");
        assertThat(generation(missing)).isEqualTo("True of 1");
        assertThat(missing.getStatus().lastFailure())
                .extracting(LastFailure::location)
                .isEqualTo("s3://lake/ours/models/none.onnx");
        api.await(
                Event.class,
                NS,
                found -> found.stream()
                        .anyMatch(event -> event.getReason().equals("ArtifactMissing")
                                && event.getType().equals("Warning")
                                && event.getInvolvedObject().getName().equals("edited")));

        patch(
                ModelResource.class,
                "edited",
                "{\"source\": {\"key\": \"ours/models/digits.onnx\"}, \"batch\": {\"maxSize\": 7}}");
        await(Service.class, "model-edited", service -> service.getMetadata().getGeneration() == 2);
        named("the second revision waits for a node", cases).say(api.client(), NS, "model-edited");
        var waiting = api.awaitSaying(
                ModelResource.class, NS, "edited", "RolledOut", Condition.Status.Unknown, "WaitingForCapacity");
        assertThat(generation(waiting)).isEqualTo("True of 1");
        assertThat(waiting.getStatus().observedGeneration()).isEqualTo(3);

        named("the second revision serves", cases).say(api.client(), NS, "model-edited");
        var serving = api.awaitSaying(ModelResource.class, NS, "edited", "RolledOut", Condition.Status.True, "Serving");
        assertThat(generation(serving)).isEqualTo("True of 3");
    }

    @Test
    @DisplayName("Whatever keeps an edited Model from being tried, its status tells of the revision that answers")
    void whatAnswersIsToldOfARefusedSpec() {
        model("refused");
        serveFirst(named(SERVES, KnativeCase.of(NS, "model-refused")), "refused");
        var before = api.resource(ModelResource.class, NS, "refused").get().getStatus();

        patch(
                ModelResource.class,
                "refused",
                "{\"source\": {\"key\": \"theirs/m.onnx\"}, \"accelerator\": {\"resource\": \"nvidia.com/gpu\"}}");
        answersAsBefore(Condition.Status.False, "NotYetSupported", before);
        patch(ModelResource.class, "refused", "{\"accelerator\": null}");
        answersAsBefore(Condition.Status.False, "NotGranted", before);
        patch(ModelResource.class, "refused", "{\"source\": {\"store\": \"nowhere\"}}");
        answersAsBefore(Condition.Status.Unknown, "StoreNotReady", before);

        patch(
                ModelResource.class,
                "refused",
                "{\"source\": {\"store\": \"%s\", \"key\": \"ours/models/digits.onnx\"}}".formatted(NS));
        api.awaitSaying(ModelResource.class, NS, "refused", "Ready", Condition.Status.True, "Serving");
    }

    private static void answersAsBefore(Condition.Status status, String reason, ModelStatus before) {
        var refused = api.awaitSaying(ModelResource.class, NS, "refused", "Ready", status, reason);
        assertThat(seen(refused))
                .isEqualTo("Ready %1$s %2$s, Deployed True Serving, RolledOut %1$s %2$s, %3$s null"
                        .formatted(status, reason, before.modelState()));
        assertThat(refused.getStatus())
                .extracting(ModelStatus::url, ModelStatus::device)
                .containsExactly(before.url(), before.device())
                .doesNotContainNull();
        assertThat(refused.conditions())
                .filteredOn(condition -> condition.type().equals("Deployed"))
                .extracting(Condition::observedGeneration)
                .containsExactly(1L);
    }

    @Test
    @DisplayName(
            "A Function whose keys are taken away is Ready as long as its revision answers, and says what is missing")
    void keysThatAreMissingAreToldOfWhatAnswers() {
        var store = NS + "-plain";
        var keys = new SecretBuilder()
                .withNewMetadata()
                .withName("tidemill-store-" + store)
                .withNamespace(NS)
                .endMetadata()
                .withStringData(Map.of("accessKey", "minioadmin", "secretKey", "minioadmin"))
                .build();
        api.client().resource(keys).create();
        api.store(store, NS, minio, "Generic");
        try {
            api.create("""
                    kind: Function
                    metadata: {name: keyless, namespace: %s}
                    spec: {image: i, data: [{name: d, type: AWS_S3_Prefix, store: %s, bucket: lake, s3Prefix: ours/}]}
                    """.formatted(NS, store));
            api.serves(NS, "keyless", URI.create("http://keyless.it"));
            api.awaitSaying(FunctionResource.class, NS, "keyless", "RolledOut", Condition.Status.True, "Serving");
            api.client().resource(keys).delete();
            patch(FunctionResource.class, "keyless", "{\"image\": \"j\"}");
            var without = api.awaitSaying(
                    FunctionResource.class, NS, "keyless", "RolledOut", Condition.Status.False, "CredentialsMissing");
            assertThat(generation(without)).isEqualTo("True of 1");
            assertThat(without.getStatus().url()).isEqualTo("http://keyless.it");
        } finally {
            api.delete(ObjectStoreResource.class, null, store);
        }
        var gone = "orphaned";
        api.create("""
                kind: Function
                metadata: {name: %s, namespace: %s}
                spec: {image: i, data: [{name: d, type: AWS_S3_Prefix, store: %s, bucket: lake, s3Prefix: ours/}]}
                """.formatted(gone, NS, store));
        assertThat(api.awaitCondition(
                        FunctionResource.class, NS, gone, "Ready", Condition.Status.Unknown, "StoreNotReady"))
                .contains(store);
    }

    @Test
    @DisplayName("A Knative Service that is somebody else's is left alone and named, and taken once it is gone")
    void aNameThatIsTakenIsNamed() {
        var theirs = new ServiceBuilder()
                .withNewMetadata()
                .withName("theirs")
                .withNamespace(NS)
                .endMetadata()
                .withNewSpec()
                .withNewTemplate()
                .withNewSpec()
                .addNewContainer()
                .withImage("theirs")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
        api.client().resource(theirs).create();
        function("theirs");
        assertThat(taken(FunctionResource.class, "theirs")).contains("theirs", "none of Tidemill's", "rename");
        assertThat(api.resource(Service.class, NS, "theirs").get().getMetadata().getOwnerReferences())
                .isEmpty();
        api.client().resource(theirs).delete();
        api.serves(NS, "theirs", URI.create("http://theirs.it"));
        api.awaitSaying(FunctionResource.class, NS, "theirs", "Ready", Condition.Status.True, "Serving");

        model("named");
        await(Service.class, "model-named", _ -> true);
        function("model-named");
        assertThat(taken(FunctionResource.class, "model-named")).contains("of Model named");
        function("tidemill-dataflow-" + NS);
        assertThat(taken(FunctionResource.class, "tidemill-dataflow-" + NS)).contains("data path");
    }

    private static <R extends TidemillResource<?, ?>> String taken(Class<R> kind, String name) {
        return api.awaitCondition(kind, NS, name, "Ready", Condition.Status.False, "NameTaken");
    }

    private static void function(String name) {
        api.create("kind: Function\nmetadata: {name: %s, namespace: %s}\nspec: {builtin: mean}".formatted(name, NS));
    }

    @Test
    @DisplayName("A Model with the longest of names is served")
    void theLongestNameIsServed() {
        var name = "m".repeat(63);
        model(name);
        var service = api.await(Service.class, NS, found -> found.stream().anyMatch(of -> isOf(of, name))).stream()
                .filter(found -> isOf(found, name))
                .findFirst()
                .orElseThrow();
        assertThat(service.getMetadata().getName()).startsWith("model-mmm").hasSizeLessThan(63 - "active-".length());
        api.serves(NS, service.getMetadata().getName(), URI.create("http://long.it"));
        var ready = api.awaitSaying(ModelResource.class, NS, name, "Ready", Condition.Status.True, "Serving");
        assertThat(ready.getStatus().url()).isEqualTo("http://long.it");
    }

    private static boolean isOf(Service service, String model) {
        return service.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> owner.getName().equals(model));
    }

    @Test
    @DisplayName("A binding whose scale cannot declare a Dataset is refused by what is wrong with it")
    void aBindingThatDeclaresNoDatasetIsRefused() {
        api.create("""
                kind: Function
                metadata: {name: bound, namespace: %1$s}
                spec: {builtin: mean, data: [{name: of_the_lake_, type: AWS_S3_Prefix, store: %1$s, bucket: lake, s3Prefix: ours/, scale: 2}, {name: again, dataset: rows, scale: 2}]}
                """.formatted(NS));
        assertThat(api.awaitCondition(
                        FunctionResource.class, NS, "bound", "Datasets", Condition.Status.False, "BindingRefused"))
                .contains("spec.data again", "its own spec.partition");
    }

    @Test
    @DisplayName("A pod that fits on no node is told before Knative looks at it")
    void theSchedulersWordIsTold() {
        model("early");
        var cases = KnativeCase.of(NS, "model-early");
        serveFirst(named(SERVES, cases), "early");
        pod("early-pod", Map.of("serving.knative.dev/revision", "model-early-00002"));
        var pods = api.client().pods().inNamespace(NS);
        pods.withName("early-pod")
                .editStatus(pod -> new PodBuilder(pod)
                        .editStatus()
                        .addNewCondition()
                        .withType("PodScheduled")
                        .withStatus("False")
                        .withReason("Unschedulable")
                        .withMessage("0/1 nodes are available: 1 Insufficient memory.")
                        .endCondition()
                        .endStatus()
                        .build());
        named("the second revision is being deployed", cases).say(api.client(), NS, "model-early");
        var waiting = api.awaitSaying(
                ModelResource.class, NS, "early", "RolledOut", Condition.Status.Unknown, "WaitingForCapacity");
        assertThat(words(waiting, "Ready")).isEqualTo("True Serving");
        pods.withName("early-pod").withGracePeriod(0).delete();
    }

    @Test
    @DisplayName("A revision that Knative has given up is tried again for as long as no node fits")
    void aNodeIsWaitedForLongerThanKnativeDoes() {
        model("patient");
        var cases = KnativeCase.of(NS, "model-patient");
        serveFirst(named(SERVES, cases), "patient");
        patch(ModelResource.class, "patient", "{\"batch\": {\"maxSize\": 7}}");
        await(Service.class, "model-patient", service -> service.getMetadata().getGeneration() == 2);
        named("the second revision waits for a node", cases).say(api.client(), NS, "model-patient");
        var waiting = api.awaitSaying(
                ModelResource.class, NS, "patient", "RolledOut", Condition.Status.Unknown, "WaitingForCapacity");
        for (var tried = 0; tried < 2; tried++) {
            named("the second revision has waited for too long", cases)
                    .since(Instant.now().minus(Duration.ofMinutes(11)))
                    .say(api.client(), NS, "model-patient");
            KnativeSays.gone(api.client(), NS, "model-patient-00002");
            named("the second revision is being deployed", cases).say(api.client(), NS, "model-patient");
        }
        // Seen to have been looked at once more by what that look writes.
        patch(ModelResource.class, "patient", "{\"scale\": {\"max\": 7}}");
        await(Service.class, "model-patient", service -> service.getMetadata().getGeneration() == 3);
        named("the second revision is being deployed", cases).say(api.client(), NS, "model-patient");
        await(
                ModelResource.class,
                "patient",
                now -> Long.valueOf(now.generation()).equals(now.getStatus().observedGeneration()));
        assertThat(rolledOut(api.resource(ModelResource.class, NS, "patient").get()))
                .as("it has waited all the time")
                .extracting(Condition::reason, Condition::lastTransitionTime)
                .containsExactly("WaitingForCapacity", rolledOut(waiting).lastTransitionTime());

        named("the second revision serves", cases).say(api.client(), NS, "model-patient");
        api.awaitSaying(ModelResource.class, NS, "patient", "RolledOut", Condition.Status.True, "Serving");
    }

    private static Condition rolledOut(ModelResource model) {
        return model.conditions().stream()
                .filter(condition -> condition.type().equals("RolledOut"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @DisplayName(
            "Whatever takes the place of its object, or if nothing does, a revision starts from zero as what it was and its Model stays Ready")
    void aRevisionIsLoadedFromACopyOfItsObject() throws Exception {
        var key = "ours/models/replaced.onnx";
        minio.put("lake", key, "a graph");
        model("replaced", key);
        var cases = KnativeCase.of(NS, "model-replaced");
        serveFirst(named(SERVES, cases), "replaced");
        var service = api.resource(Service.class, NS, "model-replaced");
        var keys = keys("tidemill-model-replaced");
        var first = copy(service.get());
        assertThat(minio.read(keys, "tidemill", first)).isEqualTo("a graph");
        assertThat(minio.read(keys, "lake", key)).isEqualTo("AccessDenied");

        var noGraph = minio.put("lake", key, "no graph");
        pod("replaced-pod", Map.of(Labels.MANAGED_BY, Labels.MANAGER, Labels.MODEL, "replaced"));
        await(Service.class, "model-replaced", now -> copy(now).endsWith("/" + noGraph));
        var second = copy(service.get());
        named("the second revision ends at once", cases).say(api.client(), NS, "model-replaced");
        var failing =
                api.awaitSaying(ModelResource.class, NS, "replaced", "RolledOut", Condition.Status.False, "ExitCode1");
        assertThat(words(failing, "Ready")).isEqualTo("True Serving");
        assertThat(failing.getStatus().lastFailure())
                .extracting(LastFailure::location, LastFailure::reason)
                .containsExactly("s3://lake/" + key, "DigestMismatch");
        assertThat(minio.read(keys, "tidemill", first)).isEqualTo("a graph");
        assertThat(minio.read(keys, "tidemill", second)).isEqualTo("no graph");

        var another = minio.put("lake", key, "another graph");
        var pods = api.client().pods().inNamespace(NS);
        pods.withName("replaced-pod")
                .editStatus(pod -> new PodBuilder(pod)
                        .editStatus()
                        .addNewContainerStatus()
                        .withName("user-container")
                        .withImage("i")
                        .withImageID("i")
                        .withReady(false)
                        .withRestartCount(1)
                        .endContainerStatus()
                        .endStatus()
                        .build());
        await(Service.class, "model-replaced", now -> copy(now).endsWith("/" + another));
        assertThat(minio.read(keys, "tidemill", first))
                .as("what answers keeps its own")
                .isEqualTo("a graph");
        assertThat(minio.read(keys, "tidemill", second)).isEqualTo("NoSuchKey");

        minio.delete("lake", key);
        patch(ModelResource.class, "replaced", "{\"scale\": {\"max\": 7}}");
        var missing = api.awaitSaying(
                ModelResource.class, NS, "replaced", "RolledOut", Condition.Status.False, "ArtifactMissing");
        assertThat(words(missing, "Ready")).isEqualTo("True Serving");
        assertThat(minio.read(keys, "tidemill", first)).isEqualTo("a graph");

        pods.withName("replaced-pod").withGracePeriod(0).delete();
        api.delete(ModelResource.class, NS, "replaced");
        assertThat(minio.read(RealMinio.ROOT, "tidemill", first)).isEqualTo("NoSuchKey");
    }

    @Test
    @DisplayName("Two revisions share the requests as declared though the object of one was replaced and it is at zero")
    void aTrialKeepsItsSharesAtZero() throws Exception {
        var key = "ours/models/shared.onnx";
        var first = minio.put("lake", key, "a graph");
        model("shared", key);
        var cases = KnativeCase.of(NS, "model-shared");
        serveFirst(named(SERVES, cases), "shared");
        patch(ModelResource.class, "shared", "{\"canaryPercent\": 10}");
        await(Service.class, "model-shared", service -> shares(service).size() == 2);
        var second = minio.put("lake", key, "another graph");
        pod("shared-pod", Map.of(Labels.MANAGED_BY, Labels.MANAGER, Labels.MODEL, "shared"));
        await(Service.class, "model-shared", service -> copy(service).endsWith("/" + second));
        named("the second revision is tried", cases).say(api.client(), NS, "model-shared");
        api.awaitSaying(ModelResource.class, NS, "shared", "RolledOut", Condition.Status.True, "Canary");
        api.resource(Revision.class, NS, "model-shared-00001")
                .editStatus(now -> new RevisionBuilder(now)
                        .editStatus()
                        .withActualReplicas(0)
                        .endStatus()
                        .build());
        // Seen to have been looked at once more by what that look writes beside the shares.
        patch(ModelResource.class, "shared", "{\"scale\": {\"max\": 7}}");
        await(Service.class, "model-shared", RolloutIT::isOfUpTo7);
        assertThat(shares(api.resource(Service.class, NS, "model-shared").get()))
                .containsExactly("90 to model-shared-00001", "10 to null");

        var third = minio.put("lake", key, "a third graph");
        patch(ModelResource.class, "shared", "{\"batch\": {\"maxSize\": 7}}");
        await(Service.class, "model-shared", service -> copy(service).endsWith("/" + third));
        assertThat(List.of(first, second))
                .as("both are asked until there is a third")
                .allSatisfy(etag -> assertThat(minio.read(RealMinio.ROOT, "tidemill", NS + "/_models/shared/" + etag))
                        .endsWith("graph"));
        api.client()
                .pods()
                .inNamespace(NS)
                .withName("shared-pod")
                .withGracePeriod(0)
                .delete();
    }

    private static List<String> shares(Service service) {
        return service.getSpec().getTraffic().stream()
                .map(part -> part.getPercent() + " to " + part.getRevisionName())
                .toList();
    }

    private static boolean isOfUpTo7(Service service) {
        var annotations = service.getSpec().getTemplate().getMetadata().getAnnotations();
        return "7".equals(annotations.get("autoscaling.knative.dev/max-scale"));
    }

    /** The key of the copy, in the state bucket, that its pods are to load. */
    private static String copy(Service service) {
        return container(service).getEnv().stream()
                .filter(variable -> variable.getName().equals("TIDEMILL_MODEL_COPY"))
                .map(variable -> variable.getValue().replace("s3://tidemill/", ""))
                .findFirst()
                .orElse("");
    }

    private static Credentials keys(String secret) {
        var data = api.client().secrets().inNamespace(NS).withName(secret).get().getData();
        var decoder = Base64.getDecoder();
        return new Credentials(
                new String(decoder.decode(data.get("accessKey")), UTF_8),
                new String(decoder.decode(data.get("secretKey")), UTF_8));
    }

    private static Stream<String> variables(Service service) {
        return container(service).getEnv().stream().map(EnvVar::getName);
    }

    private static Container container(Service service) {
        return service.getSpec().getTemplate().getSpec().getContainers().getFirst();
    }

    @Test
    @DisplayName(
            "A newer revision is tried on its share of the requests until somebody gives it all of them, and a Dataset is scored by the one before alone")
    void aCanaryKeepsItsShare() throws Exception {
        var first = minio.put("lake", "ours/models/one.onnx", "a graph");
        var second = minio.put("lake", "ours/models/two.onnx", "another graph");
        model("canary", "ours/models/one.onnx");
        var cases = KnativeCase.of(NS, "model-canary");
        serveFirst(named(SERVES, cases), "canary");
        var service = api.resource(Service.class, NS, "model-canary");
        dataset("scored", "model: canary");
        var before = path.awaitSlice(of("scored"));

        patch(
                ModelResource.class,
                "canary",
                "{\"canaryPercent\": 10, \"source\": {\"key\": \"ours/models/two.onnx\"}}");
        await(Service.class, "model-canary", now -> shares(now).size() == 2);
        named("the second revision is tried", cases).say(api.client(), NS, "model-canary");
        var tried = api.awaitSaying(ModelResource.class, NS, "canary", "RolledOut", Condition.Status.True, "Canary");
        assertThat(tried.getStatus().modelState())
                .isEqualTo(new ModelStatus.Versions("model-canary-00001", "model-canary-00002"));
        // Seen to have been looked at once more by what that look writes beside the shares.
        patch(ModelResource.class, "canary", "{\"scale\": {\"max\": 7}}");
        await(Service.class, "model-canary", RolloutIT::isOfUpTo7);
        assertThat(shares(service.get())).containsExactly("90 to model-canary-00001", "10 to null");
        patch(DatasetResource.class, "scored", "{\"partition\": {\"scale\": 3}}");
        var meanwhile = path.awaitSlice(
                of("scored").and(slice -> slice.at("/task/partition/scale").asInt() == 3));
        assertThat(List.of(before, meanwhile))
                .allSatisfy(slice ->
                        assertThat(slice.at("/task/function/url").asText()).startsWith("http://active-model-canary."))
                .allSatisfy(slice ->
                        assertThat(slice.at("/task/function/version").asText()).isEqualTo("etag:" + first));

        patch(ModelResource.class, "canary", "{\"canaryPercent\": 0}");
        await(Service.class, "model-canary", now -> shares(now).size() == 1);
        named("the way to the second revision is being made", cases).say(api.client(), NS, "model-canary");
        patch(DatasetResource.class, "scored", "{\"partition\": {\"scale\": 4}}");
        var onTheWay = path.awaitSlice(
                of("scored").and(slice -> slice.at("/task/partition/scale").asInt() == 4));
        assertThat(onTheWay.at("/task/function/version").asText()).isEqualTo("etag:" + first);
        named("the second revision serves", cases).say(api.client(), NS, "model-canary");
        api.awaitSaying(ModelResource.class, NS, "canary", "RolledOut", Condition.Status.True, "Serving");
        assertThat(path.awaitSlice(of("scored")
                                .and(slice -> !slice.at("/task/function/version")
                                        .equals(onTheWay.at("/task/function/version"))))
                        .at("/task/function/version")
                        .asText())
                .isEqualTo("etag:" + second);
    }

    @Test
    @DisplayName("What a Function's former revision computes is not kept as what the edited one does")
    void anEditedFunctionComputesWhenItAnswers() throws Exception {
        api.create("kind: Function\nmetadata: {name: mapped, namespace: %s}\nspec: {image: i}".formatted(NS));
        var cases = KnativeCase.of(NS, "mapped");
        await(Service.class, "mapped", _ -> true);
        named(SERVES, cases).say(api.client(), NS, "mapped");
        dataset("derived", "function: mapped");
        var before = path.awaitSlice(of("derived"));
        // A function that a Dataset names gets keys, which make a revision too.
        await(Service.class, "mapped", service -> variables(service).anyMatch("AWS_ACCESS_KEY_ID"::equals));

        patch(
                FunctionResource.class,
                "mapped",
                "{\"image\": \"j\", \"env\": [{\"name\": \"FACTOR\", \"value\": \"2\"}]}");
        await(Service.class, "mapped", service -> container(service).getImage().equals("j"));
        named("the second revision is being deployed", cases).say(api.client(), NS, "mapped");
        api.awaitSaying(FunctionResource.class, NS, "mapped", "RolledOut", Condition.Status.Unknown, "Deploying");
        named("the second revision serves", cases).say(api.client(), NS, "mapped");
        var after = path.awaitSlice(of("derived")
                .and(slice -> !slice.at("/task/function/environment").equals(before.at("/task/function/environment"))));
        assertThat(after.at("/task/function/version").asText()).isEqualTo("j");
    }

    @Test
    @DisplayName(
            "While an edit is broken, Datasets are computed by what answers, and that is recorded, also by an operator that begins then")
    void aBrokenEditHoldsUpNoDataset() throws Exception {
        var first = minio.put("lake", "ours/models/sound.onnx", "a graph");
        minio.put("lake", "ours/models/broken.onnx", "no graph");
        model("broken", "ours/models/sound.onnx");
        var ofModel = KnativeCase.of(NS, "model-broken");
        serveFirst(named(SERVES, ofModel), "broken");
        api.create("kind: Function\nmetadata: {name: broken, namespace: %s}\nspec: {image: i, handler: before}"
                .formatted(NS));
        var ofFunction = KnativeCase.of(NS, "broken");
        await(Service.class, "broken", _ -> true);
        named(SERVES, ofFunction).say(api.client(), NS, "broken");
        dataset("by-model", "model: broken");
        dataset("by-function", "function: broken");
        await(Service.class, "broken", service -> variables(service).anyMatch("AWS_ACCESS_KEY_ID"::equals));
        for (var name : List.of("by-model", "by-function")) {
            api.awaitSaying(DatasetResource.class, NS, name, "Ready", Condition.Status.True, "Committed");
        }

        patch(ModelResource.class, "broken", "{\"source\": {\"key\": \"ours/models/broken.onnx\"}}");
        patch(FunctionResource.class, "broken", "{\"image\": \"j\", \"handler\": \"after\"}");
        await(Service.class, "broken", service -> container(service).getImage().equals("j"));
        named("the second revision ends at once", ofFunction).say(api.client(), NS, "broken");
        api.awaitSaying(FunctionResource.class, NS, "broken", "RolledOut", Condition.Status.False, "ExitCode1");
        var version = "etag:" + first;
        await(Service.class, "model-broken", service -> !version.equals(artifact(service)));
        named("the second revision ends at once", ofModel).say(api.client(), NS, "model-broken");
        api.awaitSaying(ModelResource.class, NS, "broken", "RolledOut", Condition.Status.False, "ExitCode1");

        operator.close();
        operator = operator();
        for (var name : List.of("by-model", "by-function")) {
            patch(DatasetResource.class, name, "{\"partition\": {\"scale\": 5}}");
        }
        var byModel = path.awaitSlice(
                of("by-model").and(slice -> slice.at("/task/partition/scale").asInt() == 5));
        assertThat(byModel.at("/task/function/version").asText()).isEqualTo(version);
        patch(DatasetResource.class, "by-function", "{\"partition\": {\"scale\": 6}}");
        var byFunction = path.awaitSlice(
                of("by-function").and(slice -> slice.at("/task/partition/scale").asInt() == 6));
        assertThat(List.of("version", "handler"))
                .extracting(field -> byFunction.at("/task/function/" + field).asText())
                .containsExactly("i", "before");
    }

    private static @Nullable String artifact(Service service) {
        return service.getSpec().getTemplate().getMetadata().getAnnotations().get(Labels.ARTIFACT);
    }

    @Test
    @DisplayName("What trains a network goes when its Model is no longer trained")
    void aTrainerGoesWithItsTraining() {
        api.create("""
                kind: Model
                metadata: {name: learned, namespace: %1$s}
                spec:
                  format: ONNX
                  train: {dataset: rows, target: z, algorithm: NeuralNetwork, output: {bucket: lake, prefix: ours/learned/}}
                  inputs: [{name: x, datatype: FP32, shape: [-1, 64], columns: [x]}]
                  outputs: [{name: label, datatype: INT64, shape: [-1]}]
                """.formatted(NS));
        await(Service.class, "model-learned-training", _ -> true);
        patch(
                ModelResource.class,
                "learned",
                "{\"train\": null, \"source\": {\"store\": \"%s\", \"bucket\": \"lake\", \"key\": \"ours/models/digits.onnx\"}}"
                        .formatted(NS));
        await(Service.class, "model-learned", _ -> true);
        api.await(Service.class, NS, "model-learned-training", Objects::isNull);
    }

    private static Predicate<JsonNode> of(String dataset) {
        return slice -> slice.at("/task/dataset/name").asText().equals(dataset);
    }

    /** What is made of the rows, once there is a data path for them. */
    private static void dataset(String name, String by) {
        api.create("""
                kind: Dataset
                metadata: {name: %1$s, namespace: %2$s}
                spec:
                  store: %2$s
                  from: {dataset: rows, %3$s}
                  output: {bucket: lake, prefix: ours/%1$s/}
                """.formatted(name, NS, by));
    }

    /** One for each case. */
    private static List<String> names(String prefix) {
        var names = new ArrayList<String>();
        for (var i = 0; i < KnativeCase.all().size(); i++) {
            names.add(prefix + i);
        }
        return names;
    }

    private static void model(String name) {
        model(name, "ours/models/digits.onnx");
    }

    private static void model(String name, String key) {
        api.create("""
                kind: Model
                metadata: {name: %2$s, namespace: %1$s}
                spec:
                  format: ONNX
                  source: {store: %1$s, bucket: lake, key: %3$s}
                  inputs: [{name: x, datatype: FP32, shape: [-1, 64]}]
                  outputs: [{name: label, datatype: INT64, shape: [-1]}]
                """.formatted(NS, name, key));
    }

    /** One that no scheduler and no kubelet here would start. */
    private static void pod(String name, Map<String, String> labels) {
        api.client()
                .pods()
                .inNamespace(NS)
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(NS)
                        .withLabels(labels)
                        .endMetadata()
                        .withNewSpec()
                        .withSchedulerName("nobody")
                        .withAutomountServiceAccountToken(false)
                        .addNewContainer()
                        .withName("user-container")
                        .withImage("i")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    /** Unless it never does so in that case. */
    private static void serveFirst(KnativeCase said, String model) {
        var service = "model-" + model;
        await(Service.class, service, _ -> true);
        if (!said.isFirst()) {
            var serves = named(SERVES, KnativeCase.of(NS, service));
            serves.say(api.client(), NS, service);
            awaitMeant(serves, ModelResource.class, model);
        }
    }

    private static <R extends io.fabric8.kubernetes.api.model.HasMetadata> void await(
            Class<R> kind, String name, Predicate<R> condition) {
        api.await(kind, NS, name, now -> now != null && condition.test(now));
    }

    private static <R extends TidemillResource<?, ?>> void patch(Class<R> kind, String name, String spec) {
        api.resource(kind, NS, name).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": " + spec + "}");
    }

    private static <R extends TidemillResource<?, ?>> void awaitMeant(KnativeCase said, Class<R> kind, String name) {
        var meant = "Ready %1$s, Deployed %1$s, RolledOut %2$s"
                        .formatted(said.means().deployed(), said.means().rolledOut())
                + (kind == ModelResource.class
                        ? ", "
                                + new ModelStatus.Versions(
                                        revision(name, said.means().active()),
                                        revision(name, said.means().target()))
                                + " " + said.means().lastFailure()
                        : "");
        try {
            await(kind, name, now -> seen(now).equals(meant));
        } catch (AssertionError e) {
            assertThat(seen(api.resource(kind, NS, name).get()))
                    .as("%s: %s", said.title(), e.getMessage())
                    .isEqualTo(meant);
        }
    }

    private static String seen(TidemillResource<?, ?> resource) {
        return "Ready %s, Deployed %s, RolledOut %s"
                        .formatted(words(resource, "Ready"), words(resource, "Deployed"), words(resource, "RolledOut"))
                + (resource.getStatus() instanceof ModelStatus model
                        ? ", " + model.modelState() + " " + failure(model.lastFailure())
                        : "");
    }

    private static String words(TidemillResource<?, ?> resource, String type) {
        return ApiServer.conditions(resource).stream()
                .filter(condition -> condition.type().equals(type))
                .map(condition -> condition.status() + " " + condition.reason())
                .findFirst()
                .orElse("");
    }

    private static String generation(TidemillResource<?, ?> resource) {
        var ready = ApiServer.conditions(resource).getFirst();
        return ready.status() + " of " + ready.observedGeneration();
    }

    private static @Nullable String revision(String model, int number) {
        return number == 0 ? null : "model-%s-0000%d".formatted(model, number);
    }

    private static @Nullable String failure(@Nullable LastFailure failure) {
        return failure == null ? null : failure.reason() + (ARTIFACT.equals(failure.location()) ? "*" : "");
    }
}
