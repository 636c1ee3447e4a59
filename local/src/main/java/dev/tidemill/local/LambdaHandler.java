package dev.tidemill.local;

import dev.tidemill.api.Function;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.Json;
import dev.tidemill.api.Metadata;
import dev.tidemill.local.process.FunctionProcess.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An unmodified AWS Lambda handler on this machine: the bridge, which starts AWS' own runtime interface client for the handler's
 * language.
 *
 * @param place the handler's file or folder, such as an unpacked zip
 * @param clients the folder beside whose {@code .venv} and {@code node_modules} it runs: that of the handler, or of the YAML for a zip
 * @param home where Tidemill itself was built
 */
record LambdaHandler(Function function, Path place, Path clients, Path home) {

    /** What lies beside a handler and is none of its code. */
    private static final Set<String> NOT_CODE =
            Set.of("node_modules", "venv", "__pycache__", "target", "build", "data", "test", "tests");

    private static final Set<String> CODE = Set.of("py", "js", "mjs", "cjs", "json", "jar", "");

    /**
     * The bridge's process.
     *
     * @param bridge the JVM with its options
     * @param environment of the handler, {@code FUNCTION_DATA} and the store's variables included
     * @throws UsageException if the handler cannot be started here, with what to install
     */
    Program program(List<String> bridge, Map<String, String> environment, Path log) {
        FunctionSpec spec = function.spec();
        String name = function.metadata().name();
        Path folder = folder();
        List<String> command = new RuntimeClients(name, folder, clients).command(place, handler());
        int processes = Math.clamp(
                spec.maxConcurrency(), 1, Math.max(2, Runtime.getRuntime().availableProcessors()));
        Map<String, String> variables = new HashMap<>(Map.of(
                "_HANDLER",
                handler(),
                "AWS_LAMBDA_FUNCTION_NAME",
                name,
                "AWS_LAMBDA_FUNCTION_VERSION",
                "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                memory(spec),
                "AWS_LAMBDA_LOG_GROUP_NAME",
                "/aws/lambda/" + name,
                "AWS_LAMBDA_LOG_STREAM_NAME",
                "local",
                "LAMBDA_TASK_ROOT",
                folder.toString(),
                "TZ",
                ":UTC"));
        variables.putAll(environment);
        variables.putIfAbsent("AWS_DEFAULT_REGION", variables.getOrDefault("AWS_REGION", "us-east-1"));
        variables.put("TIDEMILL_LAMBDA_COMMAND", Json.text(command));
        variables.put("TIDEMILL_LAMBDA_API_PORTS", String.join(",", java.util.Collections.nCopies(processes, "0")));
        variables.put("TIDEMILL_LAMBDA_EVENT_FORMAT", spec.eventFormat().name());
        // Other code is another program, so that the process which has the old one is replaced.
        variables.put("TIDEMILL_LAMBDA_VERSION", version());
        variables.put("TIDEMILL_LAMBDA_TIMEOUT", spec.timeout().toString());
        Path app = home.resolve("functions/lambda/target");
        List<String> java = Stream.concat(
                        bridge.stream(),
                        Stream.of(
                                "-cp",
                                app.resolve("tidemill-lambda.jar") + ":" + app.resolve("lib") + "/*",
                                "dev.tidemill.functions.lambda.Main"))
                .toList();
        return new Program(name, java, variables, folder, log);
    }

    private Path folder() {
        return folder(place);
    }

    /** Of a file, the one that it lies in. */
    static Path folder(Path place) {
        Path parent = place.getParent();
        return Files.isDirectory(place) || parent == null ? place : parent;
    }

    private String handler() {
        String handler = function.spec().handler();
        if (handler == null) {
            throw new UsageException(
                    "function %s: spec.handler is missing; it names the handler in %s, such as lambda_function.lambda_handler"
                            .formatted(function.metadata().name(), place.getFileName()));
        }
        return handler;
    }

    /** In MiB, as Lambda tells it; what a pod would be limited to. */
    private static String memory(FunctionSpec spec) {
        var limit = spec.resources().limits().get("memory");
        return limit == null
                ? "512"
                : bytes(limit.text())
                        .divideToIntegralValue(BigDecimal.valueOf(1 << 20))
                        .toBigInteger()
                        .toString();
    }

    private static BigDecimal bytes(String quantity) {
        String number = quantity.replaceFirst("[A-Za-z]*$", "");
        BigDecimal unit = switch (quantity.substring(number.length())) {
            case "Ki" -> BigDecimal.valueOf(1L << 10);
            case "Mi" -> BigDecimal.valueOf(1L << 20);
            case "Gi" -> BigDecimal.valueOf(1L << 30);
            case "Ti" -> BigDecimal.valueOf(1L << 40);
            case "k" -> BigDecimal.TEN.pow(3);
            case "M" -> BigDecimal.TEN.pow(6);
            case "G" -> BigDecimal.TEN.pow(9);
            default -> BigDecimal.ONE;
        };
        return new BigDecimal(number).multiply(unit);
    }

    /** Stands for the image digest: of the handler and the code beside it. */
    String version() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            if (Files.isRegularFile(place) && !isScript(place)) {
                digest.update(Files.readAllBytes(place));
            } else {
                digest(folder(), digest);
            }
            return "sha256:" + HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read %s (annotation %s): %s".formatted(place, Metadata.LOCAL, e.getMessage()), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static boolean isScript(Path file) {
        return Set.of("py", "js", "mjs", "cjs").contains(extension(file));
    }

    private static void digest(Path folder, MessageDigest digest) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.startsWith(".") || NOT_CODE.contains(name)) {
                    continue;
                }
                if (Files.isDirectory(file)) {
                    digest(file, digest);
                } else if (CODE.contains(extension(file))) {
                    digest.update(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
                    digest.update(Files.readAllBytes(file));
                }
            }
        }
    }

    static String extension(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        return dot <= 0 ? "" : name.substring(dot + 1);
    }
}
