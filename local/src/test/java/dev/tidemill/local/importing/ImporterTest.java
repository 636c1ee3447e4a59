package dev.tidemill.local.importing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tidemill.api.ResourceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Golden folders, and what must hold for each of them. {@code -Dgolden.update} writes them anew, to be looked at in the diff. */
class ImporterTest {

    private static final ObjectMapper YAML = new YAMLMapper();
    private static final Pattern TARGET = Pattern.compile("function/(\\S+) ([a-z.]+)(.*)", Pattern.CASE_INSENSITIVE);

    static List<Case> cases() throws IOException {
        return Case.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void comesToWhatItsFolderSays(Case golden) throws IOException {
        Imported imported = golden.run();
        expect(golden.folder().resolve("out.yaml"), imported.yaml());
        expect(golden.folder().resolve("not-carried.txt"), golden.told(imported));
    }

    private static void expect(Path file, String text) throws IOException {
        if (System.getProperty("golden.update") != null) {
            Files.writeString(file, text);
        }
        assertThat(text).isEqualTo(Files.readString(file));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void readsEveryFileOfItsFolder(Case golden) throws IOException {
        Imported imported = golden.run();
        String told = golden.told(imported);
        try (var files = Files.walk(golden.folder())) {
            assertThat(files.filter(Files::isRegularFile))
                    .as("leftover files")
                    .allMatch(file -> file.getFileName().toString().matches("out.yaml|not-carried.txt|arguments.txt")
                            || filesOf(imported).anyMatch(file::equals)
                            || told.contains(file.getFileName().toString().replaceFirst("\\..*", "")));
        }
    }

    private static Stream<Path> filesOf(Imported imported) {
        return Stream.concat(
                imported.carried().stream().map(Imported.Carried::file),
                imported.notCarried().stream().map(Imported.Finding::file));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyLeafIsEitherCarriedOrListed(Case golden) throws IOException {
        Imported imported = golden.run();
        int leaves = 0;
        for (Path file : filesOf(imported).distinct().toList()) {
            for (String leaf : Leaves.of(file).paths()) {
                leaves++;
                boolean carried = imported.carried().stream()
                        .anyMatch(one -> one.file().equals(file) && one.path().equals(leaf));
                boolean listed = imported.notCarried().stream()
                        .anyMatch(one -> one.file().equals(file) && isAround(one.path(), leaf));
                assertThat(carried ^ listed)
                        .as("%s %s: carried %s, listed %s", file, leaf, carried, listed)
                        .isTrue();
            }
        }
        assertThat(leaves).isPositive();
    }

    private static boolean isAround(String path, String leaf) {
        return leaf.equals(path)
                || path.isEmpty()
                || leaf.startsWith(path) && (leaf.charAt(path.length()) == '.' || leaf.charAt(path.length()) == '[');
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatIsCarriedIsThere(Case golden) throws IOException {
        Imported imported = golden.run();
        var resources = new TreeMap<String, JsonNode>();
        YAML.readerFor(JsonNode.class)
                .<JsonNode>readValues(imported.yaml())
                .forEachRemaining(
                        resource -> resources.put(resource.at("/metadata/name").asText(), resource));
        assertThat(imported.carried())
                .isNotEmpty()
                .allSatisfy(carried -> assertThat(carried.to()).allSatisfy(target -> {
                    Matcher parts = TARGET.matcher(target);
                    assertThat(parts.matches()).as(target).isTrue();
                    assertThat(resources).containsKey(parts.group(1));
                    JsonNode at = resources
                            .getOrDefault(parts.group(1), MissingNode.getInstance())
                            .at("/" + parts.group(2).replace('.', '/'));
                    assertThat(at.isMissingNode()).as(target).isFalse();
                    if (!parts.group(3).isEmpty()) {
                        assertThat(at.isArray() ? at.findValuesAsText("name") : names(at))
                                .contains(parts.group(3)
                                        .substring(1, parts.group(3).length() - 1));
                    }
                }));
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    /** Whoever says "carried" without carrying is found out: without those leaves the result would be the same. */
    @ParameterizedTest
    @MethodSource("cases")
    void whatIsCarriedMakesADifference(Case golden, @TempDir Path copies) throws IOException {
        Imported imported = golden.run();
        var byTarget = new TreeMap<String, List<Imported.Carried>>();
        imported.carried()
                .forEach(carried -> carried.to()
                        .forEach(target -> byTarget.computeIfAbsent(target, _ -> new ArrayList<>())
                                .add(carried)));
        int number = 0;
        for (var target : byTarget.entrySet()) {
            Case copy = new Case(copies.resolve(Integer.toString(number++)));
            copy(golden.folder(), copy.folder());
            var byFile = target.getValue().stream().collect(Collectors.groupingBy(Imported.Carried::file));
            for (var file : byFile.entrySet()) {
                Files.writeString(
                        copy.folder().resolve(golden.folder().relativize(file.getKey())),
                        Leaves.of(file.getKey())
                                .without(file.getValue().stream()
                                        .map(Imported.Carried::path)
                                        .toList()));
            }
            assertThat(yamlOf(copy)).as(target.getKey()).isNotEqualTo(imported.yaml());
        }
    }

    private static String yamlOf(Case golden) throws IOException {
        try {
            return golden.run().yaml();
        } catch (ImportException refused) {
            return "";
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.sorted().toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatComesOfItIsReadWithoutComplaint(Case golden) throws IOException {
        Imported imported = golden.run();
        var read = ResourceReader.read(Path.of("out.yaml"), imported.yaml());
        assertThat(read.foreign()).isEmpty();
        assertThat(read.resources()).isNotEmpty();
    }

    @Test
    void aHandlerThatTheUserNamesReplacesTheWrongOne() {
        Path folder = Path.of("src/test/resources/import/article");
        var options =
                new Options(Map.of(), Map.of(), "data", "registry.example", "lambda_function.lambda_handler", null);
        Imported imported = new Importer(options)
                .read(List.of(folder.resolve("in-runtime.json"), folder.resolve("in-event_handler.json")));
        assertThat(imported.yaml())
                .contains("handler: lambda_function.lambda_handler", "./lambda_function.py", "bucket: data");
        assertThat(imported.questions())
                .noneMatch(question -> question.message().contains("is that meant"));
    }

    @Test
    void pathsAreRelativeToWhereTheResultIsWritten(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                Files.createDirectories(folder.resolve("app")).resolve("serverless.yml"),
                "provider: {name: aws, runtime: python3.13}\nfunctions: {f: {handler: f.run}}\n");
        var options = new Options(Map.of(), Map.of(), "lake", "r", null, folder.resolve("k8s"));
        assertThat(new Importer(options).read(List.of(file)).yaml()).contains("tidemill.dev/local: ./../app/f.py");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | is empty",
                "'a: [1' | :1: is neither YAML nor JSON: while parsing a flow sequence",
                "'a: 1' | :1: is none of what can be imported",
                "'Resources: {T: {Type: AWS::SNS::Topic}}' | there is no function in it",
                "'provider: {name: google}' | functions of google are not read, only those of aws",
                "'functions: {f: {handler: a.b}}' | a serverless.yml has a provider",
                "'a: 1\na: 2' | :2: a: given twice",
                "'{provider: {name: aws}, functions: {a_b: {handler: x.y}, a-b: {handler: x.y}}}' | two functions would both be named a-b",
            })
    void refusesWhatIsNoFunctionsAndSaysWhere(String text, String message, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("in.yaml"), text);
        var options = new Options(Map.of(), Map.of(), "lake", "r", null, null);
        assertThatThrownBy(() -> new Importer(options).read(List.of(file)))
                .isInstanceOf(ImportException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rate(1 minute)         | * * * * *",
                "rate(5 minutes)        | */5 * * * *",
                "rate(120 minutes)      | 0 */2 * * *",
                "rate(24 hours)         | 0 0 * * *",
                "rate(1 day)            | 0 0 * * *",
                "cron(0 10 * * ? *)     | 0 10 * * *",
                "cron(15 12 ? * 1 *)    | 15 12 * * SUN",
                "cron(0/10 * ? * 2-6 *) | 0/10 * * * MON-FRI",
                "cron(0 8 1 * ? *)      | 0 8 1 * *",
                "rate(7 minutes)        |",
                "rate(5 hours)          |",
                "rate(2 days)           |",
                "rate(0 minutes)        |",
                "cron(0 9 L * ? *)      |",
                "cron(0 9 15W * ? *)    |",
                "cron(0 9 ? * 6#3 *)    |",
                "cron(0 9 1 1 ? 2027)   |",
                "every day              |"
            })
    void schedulesOfEventBridgeAsCron(String expression, String cron) {
        assertThat(Schedules.cron(expression).orElse(null)).isEqualTo(cron);
    }
}
