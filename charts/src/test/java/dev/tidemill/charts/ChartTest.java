package dev.tidemill.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * The chart by golden folders: {@code values.yaml}, and beside it {@code out.yaml}, the objects without the definitions, or
 * {@code refused.txt}, what the refusal must say.
 */
@DisplayName("The chart")
class ChartTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final String IMAGES = "images: {operator: o, dataflow: d}\n";
    private static final Pattern BUCKET = Pattern.compile("bucket: ([a-z]+)");

    @TestFactory
    Stream<DynamicTest> rendersTheGoldenFolders() throws IOException {
        try (var folders = Files.list(GOLDEN)) {
            return folders.sorted().toList().stream()
                    .map(folder -> dynamicTest(folder.getFileName().toString(), () -> judge(folder)));
        }
    }

    private static void judge(Path folder) throws IOException {
        var values = folder.resolve("values.yaml");
        var refused = folder.resolve("refused.txt");
        if (Files.exists(refused)) {
            for (var words : Files.readAllLines(refused)) {
                assertThatThrownBy(() -> Chart.render(values)).hasMessageContaining(words);
            }
            return;
        }
        var expected = folder.resolve("out.yaml");
        var actual = text(Chart.objects(Chart.render(values)));
        if (Chart.UPDATE) {
            Files.writeString(expected, actual);
        }
        assertThat(actual).as(Chart.REMEDY, expected).isEqualTo(Files.readString(expected));
        try (var files = Files.list(folder)) {
            assertThat(files).as("files of %s", folder).containsExactlyInAnyOrder(values, expected);
        }
    }

    /** In the order of kind and name, each with its keys in order: Helm's own order follows the names of the templates. */
    private static String text(List<Map<String, Object>> objects) {
        var options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setWidth(140);
        var yaml = new Yaml(options);
        var documents = new TreeMap<String, String>();
        for (var object : objects) {
            if (!Chart.kind(object).equals("CustomResourceDefinition")) {
                documents.put(Chart.kind(object) + "/" + Chart.name(object), yaml.dump(sorted(object)));
            }
        }
        return String.join("---\n", documents.values());
    }

    private static Object sorted(Object value) {
        if (value instanceof Map<?, ?> map) {
            var sorted = new TreeMap<String, Object>();
            map.forEach((key, each) -> sorted.put(String.valueOf(key), sorted(each)));
            return sorted;
        }
        return value instanceof List<?> list
                ? list.stream().map(ChartTest::sorted).toList()
                : value;
    }

    @Test
    @DisplayName("keeps every definition when it is removed, and brings each one that is committed")
    void definitionsAreKept() throws IOException {
        var definitions = Chart.objects(Chart.render(IMAGES)).stream()
                .filter(object -> Chart.kind(object).equals("CustomResourceDefinition"))
                .toList();
        assertThat(definitions)
                .allSatisfy(definition -> assertThat(definition.toString()).contains("helm.sh/resource-policy=keep"));
        try (var committed = Files.list(Chart.ROOT.resolve("k8s/crds"))) {
            assertThat(definitions.stream().map(Chart::name))
                    .containsExactlyInAnyOrderElementsOf(committed
                            .map(file -> file.getFileName().toString().replace(".yaml", ".tidemill.dev"))
                            .toList());
        }
    }

    @Test
    @DisplayName("brings no definition where somebody else manages them")
    void definitionsAreOptional() {
        assertThat(Chart.render(IMAGES + "crds: {install: false}\n")).doesNotContain("kind: CustomResourceDefinition");
    }

    @Test
    @DisplayName("refuses a Kubernetes that is too old")
    void oldKubernetesIsRefused() {
        assertThatThrownBy(() -> Chart.render(GOLDEN.resolve("minimal/values.yaml"), "1.29.3"))
                .hasMessageContaining("kubeVersion: >=1.30.0-0");
    }

    @Test
    @DisplayName("makes and grants every bucket that an example names")
    void examplesFindTheirBuckets() throws IOException {
        var rendered = Chart.render(IMAGES + "objectStore: {bundled: {enabled: true, image: m}}\n");
        try (var examples = Files.newDirectoryStream(Chart.ROOT.resolve("k8s/examples"), "*.yaml")) {
            for (var example : examples) {
                assertThat(BUCKET.matcher(Files.readString(example)).results().map(named -> named.group(1)))
                        .as(example.toString())
                        .isNotEmpty()
                        .allSatisfy(bucket -> assertThat(rendered)
                                .containsPattern("make-buckets: (.*,)?" + bucket + "(,|\n)")
                                .contains("bucket: " + bucket + "\n"));
            }
        }
    }

    @Test
    @DisplayName("makes up the bundled store's keys, anew for each installation")
    void keysAreMadeUp() {
        var values = IMAGES + "objectStore: {bundled: {enabled: true, image: m}}\n";
        assertThat(secretKey(values)).hasSizeGreaterThan(40).isNotEqualTo(secretKey(values));
    }

    private static String secretKey(String values) {
        var secret = Chart.objects(Chart.render(values)).stream()
                .filter(object -> Chart.kind(object).equals("Secret"))
                .findFirst()
                .orElseThrow();
        return secret.get("data") instanceof Map<?, ?> data ? String.valueOf(data.get("secretKey")) : "";
    }

    @Test
    @DisplayName("keeps the keys that are there")
    void keysAreKept() {
        try (var cluster = Looked.nowhere()
                .withSecret("tidemill-store", Map.of("accessKey", "dGlkZQ==", "secretKey", "bWlsbA=="))) {
            var rendered = Chart.render(IMAGES + "objectStore: {bundled: {enabled: true, image: m}}\n", cluster);
            assertThat(rendered).contains("accessKey: dGlkZQ==", "secretKey: bWlsbA==");
        }
    }

    @Test
    @DisplayName("refuses a cluster without Knative Serving, and one whose Knative is too old")
    void knativeIsRequired() {
        try (var cluster = Looked.cluster()) {
            assertThatThrownBy(() -> Chart.render(IMAGES, cluster))
                    .hasMessageContaining("Knative Serving is not installed")
                    .hasMessageContaining("Install Knative Serving 1.15 or newer");
            cluster.withDefinition(knative("timeoutSeconds"));
            assertThatThrownBy(() -> Chart.render(IMAGES, cluster))
                    .hasMessageContaining("Knative Serving is too old")
                    .hasMessageContaining("responseStartTimeoutSeconds");
            cluster.withDefinition(knative("responseStartTimeoutSeconds"));
            assertThat(Chart.render(IMAGES, cluster)).contains("kind: Deployment");
        }
    }

    private static Map<String, Object> knative(String field) {
        return new Yaml().load("""
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: services.serving.knative.dev}
                spec:
                  versions:
                  - name: v1
                    schema: {openAPIV3Schema: {properties: {spec: {properties: {template: {properties: {spec: {properties: {%s: {type: integer}}}}}}}}}}
                """.formatted(field));
    }

    @Test
    @DisplayName("refuses definitions of somebody else that are missing or too old, and names what they lack")
    void foreignDefinitionsAreChecked() {
        var values = IMAGES + "crds: {install: false}\n";
        var definitions = Chart.objects(Chart.render(IMAGES)).stream()
                .filter(object -> Chart.kind(object).equals("CustomResourceDefinition"))
                .toList();
        try (var cluster = Looked.cluster().withDefinition(knative("responseStartTimeoutSeconds"))) {
            assertThatThrownBy(() -> Chart.render(values, cluster))
                    .hasMessageContaining("datasets.tidemill.dev is not installed")
                    .hasMessageContaining("kubectl apply --server-side -f k8s/crds");
            definitions.forEach(cluster::withDefinition);
            assertThat(Chart.render(values, cluster)).contains("kind: Deployment");
            String older = new Yaml().dump(definitions.getFirst());
            cluster.withDefinition(new Yaml().load(older.replace("toleratedPercent:", "toleratedPerCent:")));
            assertThatThrownBy(() -> Chart.render(values, cluster))
                    .hasMessageContaining(
                            "datasets.tidemill.dev is too old: it has no .spec.failurePolicy.toleratedPercent;");
        }
    }

    @Test
    @DisplayName("refuses a ServiceMonitor where none is served")
    void serviceMonitorsAreAskedFor() {
        try (var cluster = Looked.cluster().withDefinition(knative("responseStartTimeoutSeconds"))) {
            assertThatThrownBy(() -> Chart.render(IMAGES + "metrics: {serviceMonitor: true}\n", cluster))
                    .hasMessageContaining("the cluster has no ServiceMonitor");
        }
    }

    @Test
    @DisplayName("lets the operator do nothing by a wildcard, list no Secrets, and change no rights")
    void rightsAreNarrow() {
        var rules = Chart.objects(Chart.render(IMAGES)).stream()
                .filter(object -> Chart.kind(object).endsWith("Role"))
                .flatMap(role -> ((List<?>) Objects.requireNonNull(role.get("rules"))).stream())
                .map(Map.class::cast)
                .toList();
        assertThat(rules).isNotEmpty().allSatisfy(rule -> {
            assertThat(rule.toString()).doesNotContain("*", "escalate", "impersonate", "bind", "rbac.authorization");
            if (String.valueOf(rule.get("resources")).contains("secrets")) {
                assertThat(String.valueOf(rule.get("verbs"))).doesNotContain("list", "watch", "update");
            }
        });
    }

    @Test
    @DisplayName("runs every container as Pod Security's restricted profile has it")
    void containersAreRestricted() {
        var rendered = Chart.render(IMAGES + "objectStore: {bundled: {enabled: true, image: m}}\n");
        var workloads = Chart.objects(rendered).stream()
                .filter(object -> List.of("Deployment", "Pod", "Job").contains(Chart.kind(object)))
                .toList();
        assertThat(workloads)
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(workload -> assertThat(workload.toString())
                        .contains(
                                "runAsNonRoot=true",
                                "seccompProfile={type=RuntimeDefault}",
                                "readOnlyRootFilesystem=true",
                                "allowPrivilegeEscalation=false",
                                "capabilities={drop=[ALL]}",
                                "enableServiceLinks=false"));
    }
}
