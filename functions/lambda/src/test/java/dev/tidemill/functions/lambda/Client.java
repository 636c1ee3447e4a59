package dev.tidemill.functions.lambda;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** AWS' own runtime interface clients, installed once under {@code target/clients} from the pinned lists in {@code src/test/clients}. */
enum Client {
    PYTHON("the official Python client, awslambdaric") {
        @Override
        void install(Path into, Path from) throws IOException, InterruptedException {
            run(into, Map.of(), "python3", "-m", "venv", into.toString());
            run(
                    into,
                    Map.of(),
                    into.resolve("bin/pip").toString(),
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "-r",
                    from.resolve("requirements.txt").toString());
        }

        @Override
        List<String> command(String handler) {
            return List.of(place().resolve("bin/python").toString(), "-m", "awslambdaric", handler);
        }
    },

    JAVA("the official Java client, aws-lambda-java-runtime-interface-client") {
        @Override
        void install(Path into, Path from) {
            // Maven has brought it onto the tests' class path.
        }

        @Override
        List<String> command(String handler) {
            return List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
                    handler);
        }
    },

    NODE("the official Node client, aws-lambda-ric (npm, a C++ compiler, autoconf, automake, libtool)") {
        @Override
        void install(Path into, Path from) throws IOException, InterruptedException {
            for (String file : List.of("package.json", "package-lock.json", "handlers.mjs")) {
                Files.copy(from.resolve(file), into.resolve(file));
            }
            run(into, Map.of(), "npm", "ci", "--no-audit", "--no-fund");
        }

        @Override
        List<String> command(String handler) {
            return List.of(
                    "node",
                    place().resolve("node_modules/aws-lambda-ric/bin/index.mjs").toString(),
                    handler);
        }
    },

    GO("a handler on aws-lambda-go (Go)") {
        @Override
        void install(Path into, Path from) throws IOException, InterruptedException {
            run(
                    from,
                    Map.of("CGO_ENABLED", "0"),
                    "go",
                    "build",
                    "-o",
                    into.resolve("handler").toString(),
                    ".");
        }

        @Override
        List<String> command(String handler) {
            return List.of(place().resolve("handler").toString(), handler);
        }
    };

    private static final String DEFAULT = "python,java,go?";

    private final String what;

    Client(String what) {
        this.what = what;
    }

    /** The command that starts a runtime with this handler. */
    abstract List<String> command(String handler);

    abstract void install(Path into, Path from) throws IOException, InterruptedException;

    Path place() {
        return Path.of("target", "clients", name().toLowerCase(Locale.ROOT)).toAbsolutePath();
    }

    /** Where its handlers lie. */
    Path sources() {
        return Path.of("src/test/clients", name().toLowerCase(Locale.ROOT)).toAbsolutePath();
    }

    /**
     * Skips the test where the client was not asked for, or was with a question mark and cannot be had here; fails it where it was asked
     * for and cannot be installed.
     */
    void need() throws IOException, InterruptedException {
        List<String> asked =
                Arrays.asList(System.getProperty("lambda.clients", DEFAULT).split(",", -1));
        String name = name().toLowerCase(Locale.ROOT);
        boolean ifItCanBeHad = asked.contains(name + "?");
        if (!asked.contains(name) && !ifItCanBeHad) {
            notShown("it was not asked for: add it to -Dlambda.clients=" + String.join(",", asked));
        }
        synchronized (this) {
            Path done = place().resolve("installed");
            if (Files.exists(done)) {
                return;
            }
            Files.createDirectories(place());
            try {
                install(place(), sources());
            } catch (IOException e) {
                if (ifItCanBeHad) {
                    notShown("it cannot be had on this machine: " + e.getMessage());
                }
                throw e;
            }
            Files.createFile(done);
        }
    }

    private void notShown(String why) {
        String message = "NOT SHOWN here: %s, for %s".formatted(what, why);
        System.out.println(message);
        assumeThat(false).as(message).isTrue();
    }

    static void run(Path directory, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command)))
                .directory(directory.toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed:\n" + output);
        }
    }
}
