package dev.tidemill.operator.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Access;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.ObjectStoreSpec;
import dev.tidemill.operator.GoldenConfig;
import dev.tidemill.operator.KnativeFeatures.Features;
import dev.tidemill.operator.OperatorConfig.SidecarImages;
import dev.tidemill.operator.Specs;
import dev.tidemill.operator.serving.ServingPlan;
import dev.tidemill.operator.serving.Surroundings;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.operator.store.Opening;
import dev.tidemill.store.Credentials;
import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.Stores;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class FunctionPlanTest {

    private static final StoreConfig CONFIG =
            StoreConfig.of(URI.create("http://minio:9000"), new Credentials("a", "b"));

    private static final SequencedMap<String, DatasetSpec> DATASETS = new LinkedHashMap<>();

    static {
        DATASETS.put("raw", Specs.dataset("source: {bucket: lake, prefix: raw/}"));
        DATASETS.put(
                "clean",
                Specs.dataset("{from: {dataset: raw, function: clean}, output: {bucket: lake, prefix: clean/}}"));
        DATASETS.put("total", Specs.dataset("from: {dataset: raw, function: mean, combine: Tree}"));
        DATASETS.put(
                "secret",
                Specs.dataset("{from: {dataset: raw, function: clean}, output: {bucket: vault, prefix: x/}}"));
        DATASETS.put(
                "far",
                Specs.dataset(
                        "{store: other, from: {dataset: deep, function: clean}, output: {bucket: lake, prefix: far/}}"));
    }

    private static final ObjectStoreSpec STORE = Specs.store("""
            endpoint: http://minio:9000
            credentialsSecret: tidemill-store
            grants:
            - {name: lake, namespaces: {}, bucket: lake, access: ReadWrite}
            """);

    private static ServingPlan plan(String name, FunctionSpec spec) {
        return plan(name, spec, GoldenConfig.CONFIG.sidecars(), Map.of());
    }

    private static ServingPlan plan(
            String name, FunctionSpec spec, SidecarImages images, Map<String, String> features) {
        var open = new OpenStore("default", "uid", STORE, CONFIG, Stores.connect(CONFIG), null);
        return FunctionPlan.of(
                name,
                spec,
                images,
                new Features(features, true),
                new Surroundings(
                        "team-a",
                        DATASETS,
                        store -> store.equals("default") ? Optional.of(open) : Optional.empty(),
                        (store, _) -> Grants.of("default", store.spec(), "team-a", Map.of())));
    }

    private static ServingPlan.Deploy deploy(String name, String spec) {
        assertThat(plan(name, Specs.function(spec))).isInstanceOf(ServingPlan.Deploy.class);
        return (ServingPlan.Deploy) plan(name, Specs.function(spec));
    }

    private static String refusal(String spec) {
        return refusal(spec, GoldenConfig.CONFIG.sidecars(), Map.of());
    }

    private static String refusal(String spec, SidecarImages images, Map<String, String> features) {
        var plan = plan("f", Specs.function(spec), images, features);
        assertThat(plan).isInstanceOf(ServingPlan.Refuse.class);
        var verdict = ((ServingPlan.Refuse) plan).verdict();
        return verdict.reason() + ": " + verdict.message();
    }

    @Test
    void itsCredentialsOpenWhatItDeclaresAndTheInputsAndOutputsOfItsDatasets() {
        assertThat(deploy("clean", "{image: i, data: [{name: more, bucket: lake, s3Prefix: more}]}")
                        .openings())
                .containsExactlyInAnyOrder(
                        new Opening("lake", "more/", Access.Read),
                        new Opening("lake", "raw/", Access.Read),
                        new Opening("lake", "raw/", Access.Read),
                        new Opening("lake", "clean/", Access.ReadWrite));
    }

    @Test
    void aDatasetOfAnotherStoreThanItsDataOrItsOldestDatasetLeavesItAlone() {
        assertThat(deploy("clean", "image: i")).satisfies(plan -> {
            assertThat(plan.store()).isEqualTo("default");
            assertThat(plan.openings()).noneMatch(opening -> opening.prefix().equals("far/"));
        });
        assertThat(refusal("{image: i, data: [{name: a, bucket: lake}, {name: b, store: other, bucket: lake}]}"))
                .startsWith("NotYetSupported: its data and code lie in several stores (default, other)");
    }

    @Test
    void aDatasetOfItsOwnThatIsNotGrantedOpensNothing() {
        assertThat(deploy("clean", "image: i").openings())
                .noneMatch(opening -> opening.bucket().equals("vault"));
    }

    @Test
    void aFunctionWithoutDataGetsNoCredentials() {
        assertThat(deploy("other", "builtin: mean").store()).isNull();
    }

    @Test
    void aClusterHasAClock() {
        assertThat(deploy("other", "{image: i, events: [{name: e, schedule: 0 2 * * *}]}")
                        .store())
                .isNull();
    }

    @Test
    void namesWhatIsNotGranted() {
        assertThat(refusal("{image: i, data: [{name: d, bucket: vault}]}"))
                .startsWith("NotGranted: no grant of ObjectStore default gives namespace team-a Read of s3://vault/");
    }

    @Test
    void namesWhatIsMissing() {
        assertThat(refusal("{image: i, data: [{name: d, dataset: nowhere}]}")).startsWith("DatasetMissing");
        assertThat(refusal("{image: i, data: [{name: d, dataset: total}]}")).startsWith("NoObjects");
    }

    @Test
    void waitsForAStoreThatIsNotKnown() {
        assertThat(plan("f", Specs.function("{image: i, data: [{name: d, store: other, bucket: lake}]}")))
                .isInstanceOfSatisfying(
                        ServingPlan.Wait.class,
                        wait -> assertThat(wait.verdict().reason()).isEqualTo("StoreNotReady"));
    }

    @Test
    void callersAreToldApartByTheGateOnly() {
        assertThat(refusal("{image: i, invokers: [{serviceAccount: s}]}"))
                .startsWith("ImageMissing: ")
                .contains("images.gate");
        var plan = plan(
                "f",
                Specs.function("{image: i, invokers: [{serviceAccount: s}]}"),
                GoldenConfig.GATED.sidecars(),
                Map.of());
        assertThat(plan).isInstanceOf(ServingPlan.Deploy.class);
        assertThat(refusal("{image: i, path: /mean}"))
                .startsWith("ImageMissing: ")
                .contains("spec.path", "images.gate");
        assertThat(refusal("{image: i, events: [{name: e, filter: {type: t}, detail: {a: [1]}}]}"))
                .startsWith("ImageMissing: ")
                .contains("spec.events e with a detail");
        assertThat(refusal("builtin: mean", GoldenConfig.GATED.sidecars(), Map.of("multi-container", "disabled")))
                .startsWith("FeatureDisabled: ");
    }

    @Test
    void aLambdaHandlerNeedsTheBridgeAndPodsOfSeveralContainers() {
        assertThat(deploy("f", "{image: i, runtime: Lambda}").store()).isNull();
        assertThat(refusal("{image: i, runtime: Lambda}", new SidecarImages("", ""), Map.of()))
                .startsWith("ImageMissing: ")
                .contains("images.lambda");
        assertThat(refusal(
                        "{image: i, runtime: Lambda}",
                        GoldenConfig.CONFIG.sidecars(),
                        Map.of("multi-container", "disabled")))
                .startsWith("FeatureDisabled: ")
                .contains("config-features");
    }

    @Test
    void theCredentialsOfAZipsFunctionOpenTheZipAndItMustBeGranted() {
        var code = "{code: {bucket: %s, key: code/f.zip, sha256: '"
                + "0".repeat(64)
                + "'}, runtimeImage: i, runtime: %s, handler: f.h}";
        assertThat(deploy("f", code.formatted("lake", "Lambda")).openings())
                .containsExactly(new Opening("lake", "code/f.zip", Access.Read));
        assertThat(refusal(code.formatted("vault", "Lambda")))
                .startsWith("NotGranted: ")
                .contains("Read of s3://vault/code/f.zip");
        assertThat(refusal(code.formatted("lake", "CloudEvents")))
                .startsWith("NotYetSupported: ")
                .contains("spec.runtime");
    }

    @Test
    void whatKnativeWouldRefuseIsRefusedWithTheFlagThatAllowsIt() {
        var selecting = "{image: i, nodeSelector: {disk: ssd}, tolerations: [{key: gpu}]}";
        assertThat(refusal(selecting))
                .startsWith("FeatureDisabled: ")
                .contains(
                        "spec.nodeSelector",
                        "set kubernetes.podspec-nodeselector: enabled in Knative Serving's ConfigMap config-features");
        assertThat(refusal(
                        selecting,
                        GoldenConfig.CONFIG.sidecars(),
                        Map.of("kubernetes.podspec-nodeselector", "Enabled")))
                .contains("kubernetes.podspec-tolerations");
        var both = Map.of("kubernetes.podspec-nodeselector", "enabled", "kubernetes.podspec-tolerations", "allowed");
        assertThat(plan("f", Specs.function(selecting), GoldenConfig.CONFIG.sidecars(), both))
                .isInstanceOf(ServingPlan.Deploy.class);
        assertThat(refusal("{image: i, env: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}"))
                .startsWith("FeatureDisabled: ")
                .contains("kubernetes.podspec-fieldref");
        assertThat(new Features(Map.of(), false).refusal(Map.of("disk", "ssd"), List.of(), List.of()))
                .as("of a ConfigMap that cannot be read nothing is known: Knative itself decides")
                .isEmpty();
    }

    @Test
    void refusesWhatThisVersionDoesNotDo() {
        assertThat(refusal("{image: i, timeout: 15m}")).startsWith("TimeoutTooLong");
    }
}
