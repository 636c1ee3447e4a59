package dev.tidemill.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs as a user would.
 *
 * @param environment added to this process' own
 */
record Shell(Map<String, String> environment) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(10);

    Shell {
        environment = Map.copyOf(environment);
    }

    Shell with(String variable, String value) {
        var more = new TreeMap<>(environment);
        more.put(variable, value);
        return new Shell(more);
    }

    /** How a program ended, and all that it wrote. */
    record Result(List<String> command, int status, String output, String errors) {

        Result orFail() {
            if (status != 0) {
                throw new AssertionError("%s%nended with %d:%n%s%s".formatted(said(), status, output, errors));
            }
            return this;
        }

        JsonNode json() {
            try {
                return JSON.readTree(orFail().output);
            } catch (IOException e) {
                throw new UncheckedIOException(said() + " answered no JSON: " + output, e);
            }
        }

        private String said() {
            return String.join(" ", command);
        }
    }

    /** What it wrote; an error when it failed. */
    String run(String... command) {
        return attempt(command).orFail().output;
    }

    JsonNode json(String... command) {
        return attempt(command).json();
    }

    Result attempt(String... command) {
        return send("", command);
    }

    /** With that text as its input. */
    Result send(String input, String... command) {
        try {
            var errors = Files.createTempFile("tidemill-", ".err");
            try {
                var builder = new ProcessBuilder(command).redirectError(errors.toFile());
                builder.environment().putAll(environment);
                var program = program(command[0]);
                builder.command(Arrays.asList(command).stream()
                        .map(word -> word.equals(command[0]) ? program : word)
                        .toList());
                var process = builder.start();
                try (var in = process.getOutputStream()) {
                    in.write(input.getBytes(StandardCharsets.UTF_8));
                }
                var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(String.join(" ", command) + " did not end within " + LIMIT);
                }
                return new Result(List.of(command), process.exitValue(), output, Files.readString(errors));
            } finally {
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A program is looked for on the PATH that it is going to have, not on this process' own. */
    String program(String name) {
        var path = environment.getOrDefault("PATH", System.getenv("PATH"));
        return Arrays.stream(path.split(":"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Path::toString)
                .orElse(name);
    }

    boolean has(String name) {
        return !program(name).equals(name);
    }
}
