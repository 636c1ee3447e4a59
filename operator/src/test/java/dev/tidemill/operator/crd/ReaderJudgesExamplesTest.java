package dev.tidemill.operator.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tidemill.api.InvalidResourcesException;
import dev.tidemill.api.Json;
import dev.tidemill.api.Resource;
import dev.tidemill.api.ResourceReader;
import dev.tidemill.operator.crd.Examples.Example;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReaderJudgesExamplesTest {

    static List<Example> valid() {
        return Examples.of("valid");
    }

    static List<Example> invalid() {
        return Examples.of("invalid");
    }

    @ParameterizedTest
    @MethodSource("valid")
    void takesWhatIsValidAndWritesWhatItReadsAgain(Example example) throws Exception {
        for (var resource : ResourceReader.read(List.of(example.file())).resources()) {
            var json = Json.text(resource);
            assertThat(Json.mapper().readValue(json, Resource.class)).isEqualTo(resource);
            assertThat(ResourceReader.read(example.file(), json).resources()).containsExactly(resource);
        }
    }

    /** What the operator's client reads and writes is the same as what the laptop does. */
    @ParameterizedTest
    @MethodSource("valid")
    void fabric8sSerializationAgrees(Example example) throws Exception {
        var kubernetes = new KubernetesSerialization();
        for (var resource : ResourceReader.read(List.of(example.file())).resources()) {
            var json = Json.text(resource);
            var type = Crds.KINDS.stream()
                    .filter(kind -> kind.getSimpleName().equals(resource.kind() + "Resource"))
                    .findFirst()
                    .orElseThrow();
            var custom = kubernetes.unmarshal(json, type);
            var spec = Json.mapper().readTree(json).get("spec");
            assertThat(Json.mapper().readTree(kubernetes.asJson(custom)).get("spec"))
                    .isEqualTo(spec);
        }
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void refusesWhatIsInvalidAndSaysWhy(Example example) {
        var refusal = catchThrowableOfType(
                InvalidResourcesException.class, () -> ResourceReader.read(List.of(example.file())));
        assertThat(refusal).as("%s is taken", example).isNotNull().hasMessageContaining(example.laptop());
        assertThat(example.laptop()).as("a reason in %s", example).isNotEmpty();
        assertThat(refusal.problems())
                .allSatisfy(problem -> assertThat(problem.line()).isGreaterThan(2));
    }

    @Test
    void everyRuleHasAnExampleThatBreaksIt() throws Exception {
        var expected = Stream.of(Examples.of("invalid"), Examples.of("change"))
                .flatMap(List::stream)
                .map(Example::cluster)
                .toList();
        var rules = 0;
        for (var crd : Crds.files().values()) {
            for (JsonNode message : new YAMLMapper().readTree(crd).findValues("message")) {
                if (message.isTextual()) {
                    assertThat(expected).contains(message.textValue());
                    rules++;
                }
            }
        }
        assertThat(rules).isGreaterThan(40);
    }
}
