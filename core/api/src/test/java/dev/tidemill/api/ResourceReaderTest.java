package dev.tidemill.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceReaderTest {

    private static final Path FILE = Path.of("orders.yaml");

    private static final String FUNCTION = """
            apiVersion: tidemill.dev/v1alpha1
            kind: Function
            metadata: {name: mean}
            spec: {builtin: mean}
            """;

    @TempDir
    Path folder;

    @Test
    void namesFileLineDocumentAndFieldOfEverythingThatIsWrong() {
        var yaml = FUNCTION + """
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata:
                  name: orders
                  annotations:
                    tidemill.dev/local: 7
                spec:
                  source:
                    bucket: lake
                    prefx: orders/
                  partition: {scale: many}
                  resync: 1d
                  suspend: maybe
                  suspended: false
                """;
        assertThatThrownBy(() -> ResourceReader.read(FILE, yaml))
                .isInstanceOf(InvalidResourcesException.class)
                .hasMessage("""
                        orders.yaml:11: document 2, metadata.annotations["tidemill.dev/local"]: text is expected, not 7: put it in quotes
                        orders.yaml:15: document 2, spec.source.prefx: unknown field "prefx", did you mean "prefix"?
                        orders.yaml:16: document 2, spec.partition.scale: a whole number is expected, not "many"
                        orders.yaml:17: document 2, spec.resync: "1d" is not a length of time: write whole numbers with ms, s, m or h, such as 10m or 1h30m
                        orders.yaml:18: document 2, spec.suspend: true or false is expected, not "maybe"
                        orders.yaml:19: document 2, spec.suspended: unknown field "suspended", did you mean "suspend"?""".stripIndent());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    kind: Dataset                                            | orders.yaml:1: a resource begins with apiVersion: tidemill.dev/v1alpha1 and a kind: one of ObjectStore, Dataset, Function, Model
                    {apiVersion: tidemill.dev/v1alpha1, kind: Dateset}       | orders.yaml:1: kind: unknown kind "Dateset", did you mean "Dataset"?
                    {apiVersion: tidemill.dev/v1, kind: Dataset}             | orders.yaml:1: apiVersion: "tidemill.dev/v1" is unknown here: write tidemill.dev/v1alpha1
                    {apiVersion: tidemil.dev/v1alpha1, kind: Dataset}        | orders.yaml:1: apiVersion: "tidemil.dev/v1alpha1" is unknown here: write tidemill.dev/v1alpha1
                    a: [1, 2                                                 | orders.yaml:1: not YAML: while parsing a flow sequence, expected ',' or ']', but got <stream end>
                    just text                                                | orders.yaml:1: a resource begins with apiVersion: tidemill.dev/v1alpha1 and a kind: one of ObjectStore, Dataset, Function, Model
                    """)
    void saysWhatAResourceLooksLike(String yaml, String message) {
        assertThatThrownBy(() -> ResourceReader.read(FILE, yaml)).hasMessage(message);
    }

    @Test
    void refusesAKeyThatIsGivenTwice() {
        assertThatThrownBy(() -> ResourceReader.read(FILE, FUNCTION + "spec: {builtin: add_one}\n"))
                .hasMessage("orders.yaml:5: spec: given twice, the first time in line 4");
    }

    @Test
    void refusesANameThatIsThereAlready() {
        assertThatThrownBy(() -> ResourceReader.read(FILE, FUNCTION + "---\n" + FUNCTION))
                .hasMessage(
                        "orders.yaml:8: document 2, metadata.name: function/mean is there already, in orders.yaml line 1");
        var elsewhere = FUNCTION.replace("{name: mean}", "{name: mean, namespace: other}");
        assertThat(ResourceReader.read(FILE, FUNCTION + "---\n" + elsewhere).resources())
                .hasSize(2);
    }

    @Test
    void readsTheFilesOfAFolderInOrderAndNotThoseBelow() throws Exception {
        Files.writeString(folder.resolve("2.yml"), FUNCTION.replace("mean}", "two}"));
        Files.writeString(
                folder.resolve("1.yaml"), "---\n# nothing\n---\n" + FUNCTION.replace("{name: mean}", "{name: one}"));
        Files.writeString(
                folder.resolve("3.json"),
                "{\n\t\"apiVersion\": \"tidemill.dev/v1alpha1\", \"kind\": \"Function\", \"metadata\": {\"name\": \"three\"},\n"
                        + "\t\"spec\": {\"builtin\": \"mean\"}\n}\n");
        Files.writeString(folder.resolve("README.md"), "not read");
        Files.createDirectory(folder.resolve("below"));
        Files.writeString(folder.resolve("below/4.yaml"), "not: read");
        assertThat(ResourceReader.read(List.of(folder)).loaded())
                .extracting(loaded -> loaded.resource().metadata().name())
                .startsWith("one")
                .endsWith("three")
                .hasSize(3);
    }

    @Test
    void saysWhichFileCannotBeRead() throws Exception {
        var missing = folder.resolve("missing.yaml");
        assertThatThrownBy(() -> ResourceReader.read(List.of(missing))).hasMessage(missing + ": there is no such file");
        var latin = folder.resolve("latin.yaml");
        Files.write(latin, "a: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> ResourceReader.read(List.of(latin))).hasMessage(latin + ": is not UTF-8 text");
        var empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> ResourceReader.read(List.of(empty)))
                .hasMessage(empty + ": the folder has no .yaml, .yml or .json files");
    }

    @Test
    void handsBackWhatBelongsToOthers() {
        var result =
                ResourceReader.read(FILE, "apiVersion: v1\nkind: Secret\nmetadata: {name: token}\n---\n" + FUNCTION);
        assertThat(result.resources()).hasSize(1);
        assertThat(result.foreign()).containsExactly(new ResourceReader.Foreign(FILE, 1, "Secret", "token"));
    }

    @Test
    void takesWhatAClusterPrints() {
        var yaml = """
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata:
                  name: mean
                  namespace: default
                  uid: 0c5c
                  generation: 2
                  resourceVersion: "81"
                  creationTimestamp: "2026-01-31T12:00:00Z"
                  managedFields: [{manager: kubectl}]
                spec: {builtin: mean}
                status: {conditions: [{anything: goes}]}
                """;
        var function = (Function) ResourceReader.read(FILE, yaml).resources().getFirst();
        assertThat(function.status()).isNull();
        assertThat(function.metadata().generation()).isEqualTo(2);
    }

    @Test
    void followsAnchorsAndMergesAsKubectlDoes() {
        var yaml = """
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: a, labels: &labels {team: data}}
                spec: {source: &place {bucket: lake, prefix: a}}
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: b}
                spec:
                  source:
                    <<: {bucket: lake, prefix: a}
                    prefix: b
                """;
        var merged = (Dataset) ResourceReader.read(FILE, yaml).resources().getLast();
        assertThat(merged.spec().source()).isEqualTo(new DatasetSpec.Source("lake", "b/", List.of(), List.of()));
    }

    @Test
    void doesNotLetAliasesMultiply() {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 8; i++) {
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, String.join(", ", Collections.nCopies(9, "*a" + (i - 1)))));
        }
        assertThatThrownBy(() -> ResourceReader.read(FILE, bomb.toString()))
                .isInstanceOf(InvalidResourcesException.class)
                .hasMessageContaining("orders.yaml:");
    }
}
