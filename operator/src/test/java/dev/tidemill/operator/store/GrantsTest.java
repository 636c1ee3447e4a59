package dev.tidemill.operator.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Access;
import dev.tidemill.api.ObjectStoreSpec;
import dev.tidemill.api.ObjectStoreSpec.Grant;
import dev.tidemill.api.ObjectStoreSpec.Operator;
import dev.tidemill.api.ObjectStoreSpec.Requirement;
import dev.tidemill.api.ObjectStoreSpec.Selector;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GrantsTest {

    private static final Map<String, String> DATA_TEAM = Map.of("team", "data", "stage", "live");

    private static Grants grants(Map<String, String> labels, Grant... grants) {
        var spec = new ObjectStoreSpec(
                "http://minio:9000",
                "us-east-1",
                true,
                null,
                ObjectStoreSpec.Dialect.Auto,
                "tidemill-store",
                "tidemill",
                List.of(grants));
        return Grants.of("default", spec, "team-a", labels);
    }

    private static Grant grant(Selector namespaces, String bucket, String prefix, Access access) {
        return new Grant("g", namespaces, bucket, prefix, access);
    }

    private static Selector labelled(String key, String value) {
        return new Selector(Map.of(key, value), List.of());
    }

    private static Selector requiring(String key, Operator operator, String... values) {
        return new Selector(Map.of(), List.of(new Requirement(key, operator, List.of(values))));
    }

    @Test
    void withoutAGrantNothingIsAllowedAndTheMessageSaysWhatToAskFor() {
        assertThat(grants(DATA_TEAM).refusal(List.of(new Opening("lake", "raw/", Access.Read))))
                .contains("no grant of ObjectStore default gives namespace team-a Read of s3://lake/raw/: "
                        + "ask the platform administrator to add one to its spec.grants");
    }

    @Test
    void aGrantCoversWhatLiesBelowItsPrefixAndNothingBeside() {
        var granted = grants(DATA_TEAM, grant(labelled("team", "data"), "lake", "raw", Access.Read));

        assertThat(granted.refusal(List.of(new Opening("lake", "raw/2026/", Access.Read))))
                .isEmpty();
        assertThat(granted.refusal(List.of(new Opening("lake", "raw-secret/", Access.Read))))
                .isPresent();
        assertThat(granted.refusal(List.of(new Opening("lake", "", Access.Read))))
                .isPresent();
        assertThat(granted.refusal(List.of(new Opening("other", "raw/", Access.Read))))
                .isPresent();
    }

    @Test
    void readingIsNotWriting() {
        var granted = grants(DATA_TEAM, grant(labelled("team", "data"), "lake", "", Access.Read));

        assertThat(granted.refusal(List.of(new Opening("lake", "out/", Access.ReadWrite))))
                .isPresent();
    }

    @Test
    void anEmptySelectorIsEveryNamespaceAndEveryRequirementMustHold() {
        assertThat(grants(Map.of(), grant(new Selector(Map.of(), List.of()), "lake", "", Access.Read))
                        .openings())
                .hasSize(1);
        assertThat(matches(requiring("team", Operator.In, "data", "ml"))).isTrue();
        assertThat(matches(requiring("team", Operator.NotIn, "data"))).isFalse();
        assertThat(matches(requiring("absent", Operator.NotIn, "data"))).isTrue();
        assertThat(matches(requiring("stage", Operator.Exists))).isTrue();
        assertThat(matches(requiring("stage", Operator.DoesNotExist))).isFalse();
        assertThat(matches(new Selector(Map.of("team", "data", "stage", "test"), List.of())))
                .isFalse();
    }

    private static boolean matches(Selector selector) {
        return !grants(DATA_TEAM, grant(selector, "lake", "", Access.Read))
                .openings()
                .isEmpty();
    }

    @Test
    void theStateBucketIsNeverGrantedWhateverAGrantSays() {
        assertThat(grants(DATA_TEAM, grant(labelled("team", "data"), "tidemill", "", Access.ReadWrite))
                        .openings())
                .isEmpty();
    }
}
