package dev.tidemill.local;

import dev.tidemill.api.Json;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.local.process.FunctionProcess.Program;
import dev.tidemill.store.ObjectClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Model on this machine: the server of {@code functions/model}, which is built when a Model is first declared, since its engines are
 * half a gigabyte, with the artifact that the annotation {@link Metadata#LOCAL} names, or else the store's object.
 */
record ModelServer(Model model, @Nullable Path artifact, Path home) {

    private static final String LAST_WORDS = "TIDEMILL_TERMINATION_LOG";

    /** As its image's, but for what an image is trained and limited to: scoring takes text apart by vectors. */
    private static final List<String> OPTIONS =
            List.of("-XX:+UseSerialGC", "-XX:MaxRAMPercentage=30", "--add-modules", "jdk.incubator.vector");

    /** @throws UsageException if the annotation names no file */
    static ModelServer of(Model model, Path declaredIn, Path home) {
        String local = model.metadata().annotation(Metadata.LOCAL);
        if (local == null) {
            return new ModelServer(model, null, home);
        }
        Path artifact = declaredIn.toAbsolutePath().resolveSibling(local).normalize();
        if (!Files.isRegularFile(artifact)) {
            throw new UsageException("model %s: %s (its annotation %s, relative to %s) is no file"
                    .formatted(model.metadata().name(), artifact, Metadata.LOCAL, declaredIn));
        }
        return new ModelServer(model, artifact, home);
    }

    /** The digest of the artifact, or what the store says of the object. */
    String version(ObjectClient store) {
        ModelSpec.Source source = source();
        if (artifact == null) {
            return source.sha256() != null
                    ? "sha256:" + source.sha256()
                    : "etag:"
                            + store.head(source.bucket(), source.key())
                                    .orElseThrow(() -> new UsageException("model %s: there is no object s3://%s/%s"
                                            .formatted(model.metadata().name(), source.bucket(), source.key())))
                                    .etag();
        }
        try (InputStream bytes = Files.newInputStream(artifact)) {
            DigestInputStream digested = new DigestInputStream(bytes, MessageDigest.getInstance("SHA-256"));
            digested.transferTo(OutputStream.nullOutputStream());
            return "sha256:"
                    + HexFormat.of().formatHex(digested.getMessageDigest().digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Differs when the artifact was replaced; for a file without reading it. */
    String stamp(ObjectClient store) {
        if (artifact == null) {
            return version(store);
        }
        try {
            return Files.size(artifact) + " " + Files.getLastModifiedTime(artifact);
        } catch (IOException e) {
            throw new UsageException(
                    "model %s: %s cannot be read: %s".formatted(model.metadata().name(), artifact, e.getMessage()));
        }
    }

    private ModelSpec.Source source() {
        return Objects.requireNonNull(model.spec().source(), "what is trained is made before it is served");
    }

    /**
     * What serves it.
     *
     * @param store the variables by which it finds the store
     * @param version of the artifact: a server that has loaded another one is not this program
     */
    Program program(Path java, Map<String, String> store, Path log, String version) {
        Path module = home.resolve("functions/model");
        Path jar = module.resolve("target/quarkus-app/quarkus-run.jar");
        if (!isFresh(module, jar)) {
            build(module);
        }
        List<String> command = new ArrayList<>(List.of(java.toString()));
        command.addAll(OPTIONS);
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-jar", jar.toString()));
        Map<String, String> environment = new HashMap<>(store);
        environment.put("TIDEMILL_MODEL", new String(Json.bytes(resource()), StandardCharsets.UTF_8));
        environment.put("TIDEMILL_MODEL_LOAD", "first");
        environment.put("TIDEMILL_MODEL_SOURCE_VERSION", version);
        environment.put("TIDEMILL_NATIVES", module.resolve("target/natives").toString());
        environment.put("TF_CPP_MIN_LOG_LEVEL", "2");
        environment.put(LAST_WORDS, lastWords(log).toString());
        if (artifact != null) {
            environment.put("TIDEMILL_MODEL_ARTIFACT", artifact.toString());
        }
        return new Program(model.metadata().name(), command, environment, module, log);
    }

    /** Where the server leaves why it cannot serve, as {@code Reason: what to do}. */
    static Path lastWords(Path log) {
        return log.resolveSibling(log.getFileName() + ".last");
    }

    /** The same server, which trains the Model in place of serving it. */
    Program trainer(Path java, Map<String, String> store, Path log) {
        Program server = program(java, store, log, "");
        Map<String, String> environment = new HashMap<>(server.environment());
        environment.put("TIDEMILL_TRAIN", "true");
        return new Program(server.name() + "-training", server.command(), environment, server.directory(), log);
    }

    private Map<String, Object> resource() {
        return Map.of(
                "apiVersion", model.apiVersion(),
                "kind", model.kind(),
                "metadata", Map.of("name", model.metadata().name()),
                "spec", model.spec());
    }

    /** Newer than its own sources and than those below it. */
    private boolean isFresh(Path module, Path jar) {
        try {
            if (!Files.exists(jar)) {
                return false;
            }
            FileTime built = Files.getLastModifiedTime(jar);
            for (String below : List.of(
                    "core/api", "core/store", "core/profile", "core/dataflow", "core/learn", "functions/model")) {
                if (isNewer(home.resolve(below).resolve("src/main"), built)) {
                    return false;
                }
            }
            return Files.getLastModifiedTime(module.resolve("pom.xml")).compareTo(built) <= 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isNewer(Path folder, FileTime built) throws IOException {
        try (Stream<Path> sources = Files.walk(folder)) {
            for (Path source : (Iterable<Path>) sources.filter(Files::isRegularFile)::iterator) {
                if (Files.getLastModifiedTime(source).compareTo(built) > 0) {
                    return true;
                }
            }
            return false;
        }
    }

    private void build(Path module) {
        System.err.println("tidemill: building the model server (once; its engines are 400 MB to download) …");
        Path log = home.resolve("target/tidemill-model-build.log");
        try {
            Files.createDirectories(log.getParent());
            ProcessBuilder builder = new ProcessBuilder(List.of(
                            home.resolve("mvnw").toString(),
                            "-q",
                            "-B",
                            "-ntp",
                            "-Dquick",
                            "-pl",
                            "functions/model",
                            "-am",
                            "package"))
                    .directory(home.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            if (builder.start().waitFor() != 0) {
                throw new UsageException(
                        "%s does not build; %s says:\n%s".formatted(module, log, Files.readString(log)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot build " + module + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while building " + module, e);
        }
    }
}
