package dev.tidemill.operator.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.operator.Specs;
import dev.tidemill.operator.function.FunctionResource;
import dev.tidemill.operator.model.ModelResource;
import dev.tidemill.operator.store.Grants;
import dev.tidemill.operator.store.OpenStore;
import dev.tidemill.store.Credentials;
import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.Stores;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DatasetDecisionTest {

    private static final StoreConfig CONFIG =
            StoreConfig.of(URI.create("http://minio:9000"), new Credentials("a", "b"));

    private static final OpenStore STORE =
            new OpenStore("default", "uid", Specs.store("""
                    endpoint: http://minio:9000
                    credentialsSecret: tidemill-store
                    grants:
                    - {name: lake, namespaces: {}, bucket: lake, access: ReadWrite}
                    - {name: raw, namespaces: {}, bucket: archive, access: Read}
                    """), CONFIG, Stores.connect(CONFIG), null);

    private static final Map<String, DatasetResource> DATASETS = Map.of(
            "raw", named("raw", "source: {bucket: lake, prefix: raw/}"),
            "total", named("total", "from: {dataset: raw, function: mean, combine: Tree}"),
            "far", named("far", "{store: other, source: {bucket: lake, prefix: far/}}"));

    private static final Map<String, FunctionResource> FUNCTIONS = Map.of(
            "mean", function("mean", "builtin: mean"),
            "slow", function("slow", "{image: i, timeout: 10m}"),
            "elsewhere", function("elsewhere", "{image: i, data: [{name: d, store: other, bucket: lake}]}"),
            "reads", function("reads", "{image: i, data: [{name: d, dataset: far}]}"));

    private static DatasetResource named(String name, String spec) {
        var dataset = new DatasetResource();
        dataset.setMetadata(
                new ObjectMetaBuilder().withNamespace("team-a").withName(name).build());
        dataset.setSpec(Specs.dataset(spec));
        return dataset;
    }

    private static FunctionResource function(String name, String spec) {
        var function = new FunctionResource();
        function.setMetadata(
                new ObjectMetaBuilder().withNamespace("team-a").withName(name).build());
        function.setSpec(Specs.function(spec));
        return function;
    }

    private static DatasetDecision decide(String spec) {
        return DatasetDecision.of(new DatasetFacts(
                named("it", spec),
                STORE,
                "",
                Grants.of("default", STORE.spec(), "team-a", Map.of()),
                DATASETS,
                FUNCTIONS,
                model(spec)));
    }

    private static @Nullable ModelResource model(String spec) {
        for (var store : List.of("default", "other")) {
            if (spec.contains("model: of-" + store)) {
                var model = new ModelResource();
                model.setSpec(Specs.model("""
                        {format: ONNX, source: {store: %s, bucket: lake, key: a.onnx},
                         inputs: [{name: x, datatype: FP32, shape: [-1]}], outputs: [{name: z, datatype: FP32, shape: [-1]}]}
                        """.formatted(store)));
                return model;
            }
        }
        return null;
    }

    private static String refusal(String spec) {
        assertThat(decide(spec)).isInstanceOf(DatasetDecision.Refuse.class);
        var verdict = ((DatasetDecision.Refuse) decide(spec)).verdict();
        return verdict.reason() + ": " + verdict.message();
    }

    @Test
    void waitsForItsStore() {
        var facts = new DatasetFacts(
                named("it", "source: {bucket: lake}"),
                null,
                "Unreachable, nobody there",
                null,
                DATASETS,
                FUNCTIONS,
                null);

        assertThat(DatasetDecision.of(facts))
                .isInstanceOfSatisfying(
                        DatasetDecision.Wait.class,
                        wait -> assertThat(wait.verdict())
                                .extracting(Verdict::reason, Verdict::message)
                                .containsExactly(
                                        "StoreNotReady",
                                        "ObjectStore default is not ready: Unreachable, nobody there"));
    }

    @Test
    void whatIsGrantedAndThereIsWorkedOn() {
        assertThat(decide("source: {bucket: archive, prefix: old/}")).isInstanceOf(DatasetDecision.Work.class);
        assertThat(decide("from: {dataset: raw, function: mean, combine: Tree}"))
                .isInstanceOfSatisfying(DatasetDecision.Work.class, work -> {
                    assertThat(work.combine()).isSameAs(FUNCTIONS.get("mean"));
                    assertThat(work.functions()).hasSize(1);
                });
    }

    @Test
    void aReadOnlyGrantIsNoPlaceForOutput() {
        assertThat(refusal("{from: {dataset: raw, function: mean}, output: {bucket: archive, prefix: out/}}"))
                .startsWith("NotGranted: no grant of ObjectStore default gives namespace team-a ReadWrite of "
                        + "s3://archive/out/");
    }

    @Test
    void theLedgersAreNoData() {
        assertThat(refusal("source: {bucket: tidemill}")).startsWith("StateBucket");
    }

    @Test
    void namesWhatItsOriginLacks() {
        assertThat(refusal("from: {dataset: nowhere, function: mean, combine: Tree}"))
                .startsWith("ParentMissing");
        assertThat(refusal("from: {dataset: total, function: mean, combine: Tree}"))
                .startsWith("ParentIsValue");
        assertThat(refusal("from: {dataset: far, function: mean, combine: Tree}"))
                .startsWith("OtherStore");
        assertThat(refusal("from: {dataset: raw, function: nobody, combine: Tree}"))
                .isEqualTo("FunctionMissing: from.function names nobody, which is not in this namespace: create it");
        assertThat(refusal("from: {dataset: raw, function: slow, combine: Tree}"))
                .startsWith("TimeoutTooLong");
    }

    @Test
    void aFunctionWorksInTheStoreOfItsData() {
        for (var name : List.of("elsewhere", "reads")) {
            assertThat(refusal("from: {dataset: raw, function: %s, combine: Tree}".formatted(name)))
                    .isEqualTo(
                            "OtherStore: function %s works in ObjectStore other, this Dataset lies in default, and a function has the keys of one: declare another Function for it"
                                    .formatted(name));
        }
    }

    @Test
    void aFunctionWithoutDataWorksInTheStoreOfTheOldestDatasetThatNamesIt() {
        var older = named("z", "{store: other, from: {dataset: far, function: mean, combine: Tree}}");
        older.getMetadata().setCreationTimestamp("2026-11-23T10:00:00Z");
        var newer = named("a", "from: {dataset: raw, function: mean, combine: Tree}");
        newer.getMetadata().setCreationTimestamp("2026-11-23T10:00:01Z");
        var mean = function("mean", "builtin: mean");
        assertThat(mean.store(List.of(newer, older))).contains("other");
        assertThat(mean.store(List.of(newer))).contains("default");
    }

    @Test
    void refusesWhatThisVersionDoesNotDo() {
        assertThat(refusal("{source: {bucket: lake}, deletionPolicy: Delete}")).startsWith("NotYetSupported");
    }

    @Test
    void aModelWorksOnWhatLiesInItsStore() {
        assertThat(decide("{from: {dataset: raw, model: of-default}, output: {bucket: lake, prefix: out/}}"))
                .isInstanceOf(DatasetDecision.Work.class);
        assertThat(refusal("{from: {dataset: raw, model: of-other}, output: {bucket: lake, prefix: out/}}"))
                .startsWith("OtherStore: model of-other lies in ObjectStore other");
        assertThat(refusal("{from: {dataset: raw, model: digits}, output: {bucket: lake, prefix: out/}}"))
                .isEqualTo("ModelMissing: from.model names digits, which is not in this namespace: create it");
    }
}
