package dev.tidemill.local;

import dev.tidemill.api.EnvVar;
import dev.tidemill.api.Function;
import dev.tidemill.api.FunctionSpec;
import dev.tidemill.api.Json;
import dev.tidemill.api.Metadata;
import dev.tidemill.dataflow.Builtin;
import dev.tidemill.local.process.FunctionProcess.Program;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What is started on this machine for a Function, in place of its image. */
final class Programs {

    /** Short-lived and small: the quick compiler alone and three times as early, the smallest heap. */
    private static final List<String> SMALL =
            List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:CompileThresholdScaling=0.3", "-Xmx512m");

    /**
     * A slice lasts seconds and mostly waits: the optimising compiler would take the cores that functions and store need. Replies wait
     * in its heap to be written, two of up to 32 MiB for each call in flight.
     */
    private static final List<String> PATIENT = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:CompileThresholdScaling=0.3",
            "-XX:MaxRAMPercentage=30");

    /** Loops over data: what vectors and the optimising compiler are for. */
    private static final List<String> BUSY =
            List.of("--add-modules", "jdk.incubator.vector", "-XX:+UseParallelGC", "-XX:MaxRAMPercentage=30");

    private final Path home;
    private final DataDir data;
    private final Map<String, String> store;
    private final Map<String, URI> elsewhere;
    private final FunctionCode code;

    /** How a function comes to be there. */
    sealed interface Source {
        /** Stands for the image digest. */
        String version();

        /** Somebody else runs it. */
        record Url(URI url, String version) implements Source {}

        /** This command runs it. */
        record Local(Program program, String version) implements Source {}
    }

    /**
     * @param home where Tidemill itself was built
     * @param store where functions find their objects, and code may lie
     * @param elsewhere {@code --function NAME=URL}
     */
    Programs(Path home, DataDir data, LocalStore store, Map<String, URI> elsewhere) {
        this.home = home;
        this.data = data;
        this.store = store.environment();
        this.elsewhere = elsewhere;
        this.code = new FunctionCode(store.client(), data.root().resolve("code"));
    }

    /** What works on slices. */
    Program materializer() {
        return ours("tidemill-materializer", "tidemill", "materializer", PATIENT, Map.of());
    }

    /** What profiles and generates. */
    Program profiler() {
        return ours("tidemill-profiler", "tidemill", "profiler", BUSY, Map.of());
    }

    /** @throws UsageException if nothing on this machine stands for the function */
    Source of(String namespace, Function function, Path declaredIn, URI sink) {
        String name = function.metadata().name();
        FunctionSpec spec = function.spec();
        URI url = elsewhere.get(name);
        if (url != null) {
            // Nobody knows what code answers there: what it computed before is not trusted in another run.
            return new Source.Url(url, "url:" + UUID.randomUUID());
        }
        Map<String, String> environment = environment(name, spec, sink);
        if (spec.builtin() != null) {
            return builtin(namespace, name, spec.builtin(), environment);
        }
        String local = function.metadata().annotation(Metadata.LOCAL);
        Path folder = LambdaHandler.folder(declaredIn.toAbsolutePath());
        if (local == null && spec.code() != null) {
            return program(namespace, function, code.fetch(name, spec.code()), folder, environment);
        }
        if (local == null) {
            throw new UsageException(
                    "function %s has an image, and this machine runs none: name what to start in its annotation %s (a jar, a Maven project, or a Lambda handler's file), or run it yourself and give --function %s=http://localhost:8081"
                            .formatted(name, Metadata.LOCAL, name));
        }
        Path place = folder.resolve(local).normalize();
        if (!Files.exists(place)) {
            throw new UsageException("function %s: %s (its annotation %s, relative to %s) does not exist"
                    .formatted(name, place, Metadata.LOCAL, declaredIn));
        }
        return place.toString().endsWith(".zip")
                ? program(namespace, function, code.unpacked(name, place), folder, environment)
                : program(namespace, function, place, LambdaHandler.folder(place), environment);
    }

    /** @param clients where runtime interface clients are installed */
    private Source program(
            String namespace, Function function, Path place, Path clients, Map<String, String> environment) {
        String name = function.metadata().name();
        Path log = data.log(namespace, name);
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(SMALL);
        if (function.spec().runtime() == FunctionSpec.Runtime.Lambda) {
            LambdaHandler handler = new LambdaHandler(function, place, clients, home);
            return new Source.Local(handler.program(command, environment, log), handler.version());
        }
        Path jar = place.toString().endsWith(".jar") ? place : new MavenProject(place, home).jar();
        command.addAll(List.of("-jar", jar.toString()));
        return new Source.Local(
                new Program(name, command, environment, data.root(), log), "sha256:" + MavenProject.digest(jar));
    }

    /** What serves a model; other bytes, by {@code version}, are another program. */
    Program of(String namespace, ModelServer server, String version) {
        String name = server.model().metadata().name();
        return server.program(Path.of(java()), store, data.log(namespace, "model-" + name), version);
    }

    /** What trains one by PyTorch. */
    Program trainer(String namespace, ModelServer server) {
        String name = server.model().metadata().name();
        return server.trainer(Path.of(java()), store, data.log(namespace, "model-" + name + "-training"));
    }

    private Source builtin(String namespace, String name, String key, Map<String, String> environment) {
        Builtin builtin = Builtin.of(key)
                .orElseThrow(() -> new UsageException(
                        "function %s: there is no built-in \"%s\"; there are mean and add_one".formatted(name, key)));
        Map<String, String> variables = new HashMap<>(environment);
        variables.put("TIDEMILL_BUILTIN", builtin.key());
        return new Source.Local(ours(name, namespace, builtin.key(), SMALL, variables), builtin.version());
    }

    /** @param role processes of one role load the same classes */
    private Program ours(
            String name, String namespace, String role, List<String> options, Map<String, String> variables) {
        Path built = home.resolve("functions/dataflow/target");
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(options);
        // Halves the start. The JVM makes the archive when the first process of the role ends, anew when it does not
        // fit, and does
        // without where it cannot write.
        command.addAll(List.of(
                "-XX:+AutoCreateSharedArchive",
                "-XX:SharedArchiveFile=" + built.resolve(role + ".jsa"),
                "-Xlog:disable"));
        command.addAll(
                List.of("-jar", built.resolve("quarkus-app/quarkus-run.jar").toString()));
        Map<String, String> environment = new HashMap<>(store);
        environment.putAll(variables);
        return new Program(name, command, environment, data.root(), data.log(namespace, name));
    }

    /** As in a pod, but for what only a cluster can look up. */
    private Map<String, String> environment(String name, FunctionSpec spec, URI sink) {
        Map<String, String> environment = new HashMap<>(store);
        environment.put("FUNCTION_NAME", name);
        environment.put("FUNCTION_DATA", new String(Json.bytes(spec.data()), StandardCharsets.UTF_8));
        environment.put("K_SINK", sink.toString());
        for (EnvVar variable : spec.env()) {
            if (variable.valueFrom() != null) {
                throw new UsageException(
                        "function %s: env %s comes from the cluster (valueFrom), and this machine has none: set it by value"
                                .formatted(name, variable.name()));
            }
            environment.put(variable.name(), variable.value() == null ? "" : variable.value());
        }
        return environment;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
