package dev.tidemill.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** AWS' runtime interface clients on this machine, looked for where their package managers put them. */
final class RuntimeClients {

    private final String function;
    private final Path folder;
    private final Path installed;

    /**
     * @param function for messages
     * @param folder of the handler
     * @param installed the folder where clients are, and where one is to be installed
     */
    RuntimeClients(String function, Path folder, Path installed) {
        this.function = function;
        this.folder = folder;
        this.installed = installed;
    }

    /**
     * What starts a runtime with this handler in it.
     *
     * @throws UsageException if the client for its language is not installed, with the command that installs it
     */
    List<String> command(Path place, String handler) {
        return switch (language(place, handler)) {
            case "py" -> List.of(python().toString(), "-u", "-m", "awslambdaric", handler);
            case "js", "mjs", "cjs" ->
                List.of("node", node().resolve("bin/index.mjs").toString(), handler);
            case "jar", "class" ->
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        Stream.of(folder, installed)
                                .flatMap(each -> Stream.of(each.resolve("lib"), each.resolve("dependency")))
                                .distinct()
                                .map(jars -> jars + "/*")
                                .collect(Collectors.joining(":", place + ":", "")),
                        "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
                        handler);
            default -> {
                Path program = Files.isDirectory(place) ? place.resolve("bootstrap") : place;
                if (!Files.isExecutable(program)) {
                    throw new UsageException(
                            "function %s: %s is neither a .py, .js, .mjs or .jar file nor a program: name the handler's file in its annotation"
                                    .formatted(function, program));
                }
                yield List.of(program.toString(), handler);
            }
        };
    }

    /** Of a folder, that of the file in it which the handler names. */
    private String language(Path place, String handler) {
        if (!Files.isDirectory(place)) {
            return LambdaHandler.extension(place);
        }
        int dot = handler.lastIndexOf('.');
        String module = (dot < 0 ? handler : handler.substring(0, dot)).replace('.', '/');
        Optional<String> script = Stream.of("py", "mjs", "js", "cjs")
                .filter(extension -> Files.exists(place.resolve(module + "." + extension)))
                .findFirst();
        String type = handler.replaceFirst("::.*", "").replace('.', '/');
        return script.orElse(Files.exists(place.resolve(type + ".class")) ? "class" : "");
    }

    private Path python() {
        Stream<Path> environments = Stream.of(
                        folder.resolve(".venv"),
                        folder.resolve("venv"),
                        installed.resolve(".venv"),
                        installed.resolve("venv"),
                        Path.of(System.getenv().getOrDefault("VIRTUAL_ENV", "/nowhere")))
                .map(environment -> environment.resolve("bin/python"))
                .filter(Files::isExecutable);
        return Stream.concat(environments, Stream.of(Path.of("python3")))
                .filter(RuntimeClients::hasClient)
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "function %s needs AWS' runtime interface client for Python, and no python3 here has it. Install it beside the handler:%n  python3 -m venv %s && %s/bin/pip install awslambdaric%s"
                                .formatted(
                                        function,
                                        installed.resolve(".venv"),
                                        installed.resolve(".venv"),
                                        requirements())));
    }

    private String requirements() {
        Path requirements = folder.resolve("requirements.txt");
        return Files.exists(requirements) ? " -r " + requirements : "";
    }

    private static boolean hasClient(Path python) {
        try {
            Process process = new ProcessBuilder(python.toString(), "-c", "import awslambdaric")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Path node() {
        return above(folder).or(() -> above(installed)).orElseThrow(this::noNodeClient);
    }

    private static Optional<Path> above(Path place) {
        for (@Nullable Path at = place; at != null; at = at.getParent()) {
            Path client = at.resolve("node_modules/aws-lambda-ric");
            if (Files.isDirectory(client)) {
                return Optional.of(client);
            }
        }
        return Optional.empty();
    }

    private UsageException noNodeClient() {
        return new UsageException(
                "function %s needs AWS' runtime interface client for Node, and there is no node_modules/aws-lambda-ric at or above %s. Install it beside the handler (it compiles; it wants a C++ compiler, cmake, autoconf, automake and libtool):%n  npm install --prefix %s aws-lambda-ric"
                        .formatted(function, installed, installed));
    }
}
