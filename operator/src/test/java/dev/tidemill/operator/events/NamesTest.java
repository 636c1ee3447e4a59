package dev.tidemill.operator.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.dataflow.Driver;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.StringEntry;
import java.lang.reflect.AccessFlag;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The names by which the operator is watched are those of the reference: all of them, and no others. */
@DisplayName("Names of metrics, events and conditions are those of the reference")
class NamesTest {

    private static final Path SOURCES = Path.of("src/main/java");
    private static final Path REFERENCE = Path.of("../docs/reference");

    /** Words of Kubernetes, of policies and of HTTP that look like a reason. */
    private static final Set<String> OTHER_WORDS = Set.of(
            "Action",
            "Active",
            "Allow",
            "Authorization",
            "Broker",
            "Condition",
            "ConfigurationsReady",
            "Dataset",
            "Effect",
            "FallbackToLogsOnError",
            "False",
            "Function",
            "Host",
            "IfNotPresent",
            "Image",
            "In",
            "Ingress",
            "Model",
            "Never",
            "ObjectStore",
            "Opaque",
            "PodScheduled",
            "ProgressDeadlineExceeded",
            "Records",
            "Resource",
            "Ring",
            "Router",
            "RoutesReady",
            "RuntimeDefault",
            "Service",
            "Statement",
            "StringLike",
            "Trigger",
            "True",
            "Unknown",
            "Unschedulable",
            "Version");

    @Test
    void metrics() throws IOException {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Metrics.addRegistry(registry);
        try {
            for (var metric : Metric.values()) {
                var labels = metric.labels().toArray(String[]::new);
                if (metric.isMeasured()) {
                    metric.gauge().register(List.of(metric.row(1, labels)), true);
                } else {
                    metric.of(labels).increment();
                }
            }
            var scraped = Pattern.compile("(?m)^(tidemill_\\w+)(?:\\{(.*)})? ")
                    .matcher(registry.scrape())
                    .results()
                    .map(line -> line.group(1) + (line.group(2) == null ? Set.of() : words(line.group(2), "(\\w+)=")))
                    .collect(Collectors.toCollection(TreeSet::new));
            var written = rows("operator.md", "## Metrics", "## Addresses")
                    .map(row -> words(row[1], "`(\\w+)`").iterator().next() + words(row[2], "`(\\w+)`"))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(scraped).hasSameSizeAs(Metric.values()).isEqualTo(written);
        } finally {
            Metrics.removeRegistry(registry);
        }
    }

    @Test
    @DisplayName("nothing is counted but in one place")
    void metricsOfOnePlace() throws IOException {
        try (var files = Files.walk(SOURCES)) {
            assertThat(files.filter(file -> file.toString().endsWith(".java"))
                            .filter(file -> text(file).contains("instrument.Metrics"))
                            .map(file -> file.getFileName().toString()))
                    .containsExactly("Metric.java");
        }
    }

    @Test
    void events() throws IOException {
        var told = new TreeSet<String>();
        var calls = 0;
        try (var files = Files.walk(SOURCES)) {
            for (var file : files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("KubernetesEvents.java"))
                    .toList()) {
                told.addAll(words(text(file), "\\.tell\\(\\s*\\w+,[^,]+,\\s*\"(\\w+)\""));
                calls += (int) Pattern.compile("\\.tell\\(")
                        .matcher(text(file))
                        .results()
                        .count();
            }
        }
        assertThat(told).as("every call of tell gives its reason as a word").hasSize(calls);
        Set<String> written = rows("operator.md", "## Kubernetes events", "## Metrics")
                .map(row -> row[2].strip())
                .filter(reason -> !reason.startsWith("the condition's"))
                .map(reason -> reason.replace("`", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(written).isEqualTo(told);
    }

    @Test
    void conditions() throws Exception {
        var written = rows("conditions.md", "## Types", null)
                .flatMap(row -> words(row[1], "`(\\w+)`").stream())
                .collect(Collectors.toCollection(TreeSet::new));
        var used = new TreeSet<String>();
        used.addAll(constants(Metric.class));
        used.addAll(constants(Driver.class));
        assertThat(written).hasSizeGreaterThan(80).doesNotContainAnyElementsOf(OTHER_WORDS);

        var stale = new TreeSet<>(written);
        stale.removeAll(used);
        assertThat(stale).as("in the reference, and nowhere in the code").isEmpty();

        used.removeAll(written);
        used.removeAll(OTHER_WORDS);
        used.removeAll(eventReasons());
        assertThat(used).as("in the code, and not in the reference").isEmpty();
    }

    private static Set<String> eventReasons() throws IOException {
        return rows("operator.md", "## Kubernetes events", "## Metrics")
                .flatMap(row -> words(row[2], "`(\\w+)`").stream())
                .collect(Collectors.toSet());
    }

    /** What the code of that class's module says in one CamelCase word; names of an enum's constants are none of its words. */
    private static Set<String> constants(Class<?> ofModule) throws IOException, URISyntaxException {
        var place = Path.of(
                ofModule.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(place)) {
            return constants(place);
        }
        try (var jar = FileSystems.newFileSystem(place)) {
            return constants(jar.getPath("/"));
        }
    }

    private static Set<String> constants(Path classes) throws IOException {
        var found = new TreeSet<String>();
        try (var files = Files.walk(classes)) {
            for (var file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                found.addAll(camelCase(Files.readAllBytes(file)).toList());
            }
        }
        return found;
    }

    private static Stream<String> camelCase(byte[] bytes) {
        var type = ClassFile.of().parse(bytes);
        if (type.flags().has(AccessFlag.ENUM)) {
            return Stream.empty();
        }
        var words = new TreeSet<String>();
        for (var entry : type.constantPool()) {
            if (entry instanceof StringEntry string && string.stringValue().matches("[A-Z][a-z]+[A-Za-z]*")) {
                words.add(string.stringValue());
            }
        }
        return words.stream();
    }

    /** The rows of the tables between two headings, by their cells; the first cell is number one. */
    private static Stream<String[]> rows(String page, String from, @Nullable String to) {
        var text = text(REFERENCE.resolve(page));
        var begin = text.indexOf(from);
        var part = text.substring(begin, to == null ? text.length() : text.indexOf(to, begin));
        var lines = part.lines()
                .filter(line -> line.startsWith("| ") || line.startsWith("|--"))
                .toList();
        assertThat(lines).as(page + " " + from).hasSizeGreaterThan(2);
        return lines.stream()
                .filter(line -> !line.startsWith("|--"))
                .filter(line -> {
                    var next = lines.indexOf(line) + 1;
                    return next >= lines.size() || !lines.get(next).startsWith("|--");
                })
                .map(line -> Arrays.copyOf(line.split("\\|", -1), 5))
                .map(cells ->
                        Stream.of(cells).map(cell -> cell == null ? "" : cell).toArray(String[]::new));
    }

    private static Set<String> words(String text, String pattern) {
        var found = Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        return Collections.unmodifiableSet(found);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
