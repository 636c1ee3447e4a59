package dev.tidemill.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's commands and the numbered examples, as a newcomer types them: through the launcher, in processes of their own. */
class ExamplesIT {

    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    @Test
    void theReadmesFirstCommandEndsWithTheMeanOfTheDataAndASecondRunComputesNothing() throws Exception {
        String command = readme().lines()
                .filter(line -> line.startsWith("./tidemill run"))
                .findFirst()
                .orElseThrow();
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.removeFirst();

        Run first = tidemill(words);
        assertThat(first.status).as(first.output).isZero();
        JsonNode result = dataset("average").path("status").path("result");
        assertThat(first.output).contains(result.toString());
        // Its last digits follow how the parts were grouped, which follows from the names of the objects.
        JsonNode shown = JSON.readTree(readme().lines()
                .filter(line -> line.startsWith("{\"mean\":"))
                .findFirst()
                .orElseThrow());
        assertThat(shown.path("mean").asDouble())
                .as("the README shows what the command prints")
                .isCloseTo(result.path("mean").asDouble(), within(1e-15));
        assertThat(shown.path("count")).isEqualTo(result.path("count"));
        assertThat(result.path("count").asInt()).isEqualTo(20);
        assertThat(result.path("mean").asDouble()).isCloseTo(meanOfTheObjects(), within(1e-12));

        Map<Path, Object> parts = parts();
        assertThat(parts).hasSizeGreaterThanOrEqualTo(40);
        Run second = tidemill(words);
        assertThat(second.status).as(second.output).isZero();
        assertThat(parts()).isEqualTo(parts);
        assertThat(dataset("average").path("status").path("revision").asInt()).isEqualTo(1);
    }

    @Test
    void filesAreProfiled() throws Exception {
        Run run = tidemill(List.of("run", "k8s/examples/02-files.yaml"));
        assertThat(run.status).as(run.output).isZero();
        assertThat(dataset("wine").path("status").path("rows").asInt()).isEqualTo(178);
        assertThat(dataset("iris").path("status").path("rows").asInt()).isEqualTo(150);
        assertThat(dataset("digits").path("status").path("columnCount").asInt()).isEqualTo(65);
        Run list = tidemill(List.of("get", "datasets"));
        assertThat(list.output.lines()).anyMatch(line -> line.matches("wine +True .*178.*"));
    }

    @Test
    void aChainThatIsKilledAndStartedAgainEndsAsIfNothingHadHappened() throws Exception {
        List<String> command = List.of("run", "k8s/examples/03-derived.yaml");
        Process process = start(command).redirectErrorStream(true).start();
        try (var lines = process.inputReader()) {
            while (!String.valueOf(lines.readLine()).contains("steps: ready")) {
                assertThat(process.isAlive()).isTrue();
            }
        }
        process.destroyForcibly().waitFor();

        Run again = tidemill(command);
        assertThat(again.status).as(again.output).isZero();
        assertThat(dataset("steps-mean").path("status").path("result").toString())
                .isEqualTo("{\"mean\":500.5,\"count\":1000}");
    }

    @Test
    void twoRunsAtOnceOverOneDataDirectoryAgree() throws Exception {
        List<String> command = List.of("run", "k8s/examples/01-rand-data.yaml");
        Process one = start(command)
                .redirectOutput(dir.resolve("one").toFile())
                .redirectErrorStream(true)
                .start();
        Run other = tidemill(command);
        one.waitFor();
        assertThat(other.status).as(other.output).isZero();
        assertThat(one.exitValue()).as(Files.readString(dir.resolve("one"))).isZero();
        assertThat(dataset("average")
                        .path("status")
                        .path("result")
                        .path("count")
                        .asInt())
                .isEqualTo(20);
    }

    @Test
    void aFunctionOfOnesOwnIsBuiltStartedAndCalled() throws Exception {
        Run run = tidemill(List.of("run", "k8s/examples/04-own-function.yaml"));
        assertThat(run.status).as(run.output).isZero();
        assertThat(dataset("strong").path("status").path("rows").asInt()).isBetween(1, 177);
    }

    @Test
    void aModelReadsEveryDigitAsScikitLearnDoes() throws Exception {
        Run run = tidemill(List.of("run", "k8s/examples/06-model.yaml"));
        assertThat(run.status).as(run.output).isZero();
        List<Integer> labels = new ArrayList<>();
        List<Integer> digits = new ArrayList<>();
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : (Iterable<Path>)
                    files.filter(path -> path.toString().matches(".*/lake/read/[^_].*jsonl"))::iterator) {
                for (String line : Files.readAllLines(file)) {
                    labels.add(JSON.readTree(line).path("label").asInt());
                    digits.add(JSON.readTree(line).path("column64").asInt());
                }
            }
        }
        Path expected = HOME.resolve("functions/model/src/test/models/digits-all-sklearn-label.txt");
        assertThat(labels)
                .hasSize(1797)
                .isEqualTo(Files.readAllLines(expected).stream()
                        .map(Integer::valueOf)
                        .toList());
        assertThat(digits).hasSize(1797).isNotEqualTo(labels);
    }

    @Test
    void runsWhereThereIsNoNetworkButLoopback() throws Exception {
        List<String> isolated = List.of("unshare", "-r", "-n", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh");
        assumeThat(canIsolate(isolated))
                .as("this machine lets us make a network namespace")
                .isTrue();
        List<String> command = new ArrayList<>(isolated);
        command.addAll(start(List.of("run", "k8s/examples/01-rand-data.yaml")).command());
        Run run = finish(new ProcessBuilder(command).directory(HOME.toFile()));
        assertThat(run.status).as(run.output).isZero();
    }

    @Test
    void wrongUsageIsTwoAndAMissingFunctionIsOneAndBothSayWhatToDo() throws Exception {
        Run missing = tidemill(List.of("run", "no-such-file.yaml"));
        assertThat(missing.status).isEqualTo(2);
        assertThat(missing.output).contains("no-such-file.yaml does not exist");
        Path yaml = Files.writeString(dir.resolve("image.yaml"), """
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata: {name: clean}
                spec: {image: registry.example/clean:1}
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: raw}
                spec:
                  generate: {rows: 1, columns: [{name: x}]}
                  output: {bucket: lake, prefix: raw/}
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: cleaned}
                spec:
                  from: {dataset: raw, function: clean}
                  output: {bucket: lake, prefix: cleaned/}
                """);
        Run image = tidemill(List.of("run", yaml.toString()));
        assertThat(image.status).as(image.output).isEqualTo(1);
        assertThat(image.output).contains("--function clean=http://localhost:8081", "dataset/raw is ready");
    }

    private static String readme() throws IOException {
        return Files.readString(HOME.resolve("README.md"));
    }

    private record Run(int status, String output) {}

    private Run tidemill(List<String> arguments) throws Exception {
        return finish(start(arguments));
    }

    private static Run finish(ProcessBuilder builder) throws Exception {
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }

    private ProcessBuilder start(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(HOME.resolve("tidemill").toString()));
        command.addAll(arguments);
        command.addAll(List.of("--data-dir", dir.resolve("data").toString()));
        ProcessBuilder builder = new ProcessBuilder(command).directory(HOME.toFile());
        builder.environment().remove("JAVA_HOME");
        return builder;
    }

    private static boolean canIsolate(List<String> isolated) throws InterruptedException {
        List<String> command = new ArrayList<>(isolated);
        command.add("true");
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException _) {
            return false;
        }
    }

    private JsonNode dataset(String name) throws IOException {
        return JSON.readTree(
                dir.resolve("data/resources/default/dataset/" + name + ".json").toFile());
    }

    /** Every part with the time at which it was written: one that is computed again is written again. */
    private Map<Path, Object> parts() throws IOException {
        Map<Path, Object> parts = new TreeMap<>();
        try (Stream<Path> files = Files.walk(dir.resolve("data/store/tidemill"))) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                if (file.toString().contains("/parts/")) {
                    parts.put(file, Files.getLastModifiedTime(file));
                }
            }
        }
        return parts;
    }

    private double meanOfTheObjects() throws IOException {
        try (Stream<Path> files = Files.walk(dir.resolve("data/store/lake/test-data"))) {
            List<Double> values = new ArrayList<>();
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                if (!file.toString().contains("_tidemill")) {
                    Files.readAllLines(file).stream()
                            .skip(1)
                            .map(Double::valueOf)
                            .forEach(values::add);
                }
            }
            return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        }
    }
}
