package dev.tidemill.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * The command as a person types it, through the launcher and in processes of its own.
 *
 * @param data its data directory
 */
record Laptop(Path data) {

    static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a command came to. */
    record Run(int status, String output) {}

    /** Waits for a command that is expected to end well. */
    String succeed(String... arguments) throws Exception {
        Run run = run(arguments);
        assertThat(run.status).as(run.output).isZero();
        return run.output;
    }

    /** Waits for its end. */
    Run run(String... arguments) throws Exception {
        Process process = command(arguments).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }

    /** Starts {@code run} of a file and ends it by kill -9 when the Dataset has had so many revisions; returns how many those were. */
    long killAfter(long revisions, String dataset, Path yaml) throws Exception {
        Path log = Files.createTempFile("killed", ".log");
        Process process =
                command("run", yaml.toString()).redirectOutput(log.toFile()).start();
        while (process.isAlive() && revision(dataset) < revisions) {
            process.waitFor(20, TimeUnit.MILLISECONDS);
        }
        process.destroyForcibly().waitFor();
        assertThat(revision(dataset)).as(Files.readString(log)).isGreaterThanOrEqualTo(revisions);
        return revision(dataset);
    }

    /** Starts {@code run --watch} of a file, which goes on until it is closed. */
    Watching watch(Path yaml) throws IOException {
        Path log = Files.createTempFile("watching", ".log");
        return new Watching(
                command("run", yaml.toString(), "--watch")
                        .redirectOutput(log.toFile())
                        .start(),
                log);
    }

    /** A command that goes on. */
    record Watching(Process process, Path log) implements AutoCloseable {

        /** Until it is so, or for longer than any machine needs. */
        void await(Callable<Boolean> condition) throws Exception {
            for (int i = 0; !condition.call(); i++) {
                assertThat(process.isAlive() && i < 1_800)
                        .as(() -> "waited in vain; " + said())
                        .isTrue();
                Thread.sleep(100);
            }
        }

        /** All of its output until now. */
        String said() {
            try {
                return Files.readString(log);
            } catch (IOException e) {
                return e.toString();
            }
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            process.waitFor();
        }
    }

    private ProcessBuilder command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(HOME.resolve("tidemill").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--data-dir", data.toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(HOME.toFile()).redirectErrorStream(true);
        builder.environment().remove("JAVA_HOME");
        return builder;
    }

    /** The revision of a Dataset by its ledger, 0 before the first. */
    long revision(String dataset) throws IOException {
        try {
            // The store replaces it as a whole.
            return JSON.readTree(Files.readAllBytes(bucket("tidemill").resolve("default/" + dataset + "/current.json")))
                    .path("revision")
                    .asLong();
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /** As the command wrote it down. */
    JsonNode status(String kind, String name) throws IOException {
        Path file = data.resolve("resources/default/" + kind + "/" + name + ".json");
        return Files.exists(file)
                ? JSON.readTree(file.toFile()).path("status")
                : JsonNodeFactory.instance.missingNode();
    }

    /** A condition of a resource. */
    JsonNode condition(String kind, String name, String type) throws IOException {
        for (JsonNode condition : status(kind, name).path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        return JsonNodeFactory.instance.missingNode();
    }

    /** Where the objects of a bucket of the embedded store lie. */
    Path bucket(String name) {
        return data.resolve("store").resolve(name);
    }

    /** The rows of JSON that a derived Dataset shows, as its own list of objects has it. */
    List<JsonNode> rows(String bucket, String prefix) throws IOException {
        Path folder = bucket(bucket);
        List<JsonNode> rows = new ArrayList<>();
        JsonNode list = JSON.readTree(
                folder.resolve(prefix).resolve("_tidemill/current.json").toFile());
        for (String key : list.findValuesAsText("key")) {
            for (String line : Files.readAllLines(folder.resolve(key))) {
                rows.add(JSON.readTree(line));
            }
        }
        return rows;
    }
}
