package dev.tidemill.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A function's source folder: built when it is newer than what was built from it. */
record MavenProject(Path folder, Path home) {

    /**
     * The jar to run, built if need be.
     *
     * @throws UsageException if it is no Maven project, or does not build; the build's own words are in the message
     */
    Path jar() {
        if (!Files.exists(folder.resolve("pom.xml"))) {
            throw new UsageException(folder + " has no pom.xml: name a jar or a Maven project");
        }
        return built().filter(this::isFresh).orElseGet(this::build);
    }

    private Path build() {
        System.err.println("tidemill: building " + folder + " …");
        Path log = folder.resolve("target").resolve("tidemill-build.log");
        try {
            Files.createDirectories(log.getParent());
            ProcessBuilder builder = new ProcessBuilder(List.of(maven(), "-q", "-B", "-ntp", "-DskipTests", "package"))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            if (builder.start().waitFor() != 0) {
                throw new UsageException(
                        "%s does not build; %s says:\n%s".formatted(folder, log, Files.readString(log)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot build " + folder + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while building " + folder, e);
        }
        return built().orElseThrow(() -> new UsageException(
                folder + " builds, but leaves neither target/quarkus-app/quarkus-run.jar nor target/*-runner.jar"));
    }

    private String maven() {
        return Stream.of(folder.resolve("mvnw"), home.resolve("mvnw"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Path::toString)
                .orElse("mvn");
    }

    private Optional<Path> built() {
        Path target = folder.resolve("target");
        Path app = target.resolve("quarkus-app").resolve("quarkus-run.jar");
        if (Files.exists(app)) {
            return Optional.of(app);
        }
        if (!Files.isDirectory(target)) {
            return Optional.empty();
        }
        try (var files = Files.list(target)) {
            return files.filter(file -> file.toString().endsWith("-runner.jar")).findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isFresh(Path jar) {
        try (var sources = Stream.concat(Stream.of(folder.resolve("pom.xml")), walk(folder.resolve("src")))) {
            FileTime built = Files.getLastModifiedTime(jar);
            for (Path source : (Iterable<Path>) sources::iterator) {
                if (Files.getLastModifiedTime(source).compareTo(built) > 0) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> walk(Path folder) throws IOException {
        return Files.isDirectory(folder) ? Files.walk(folder).filter(Files::isRegularFile) : Stream.empty();
    }

    /** Of the jar, or of the whole application that lies around Quarkus' {@code quarkus-run.jar}. */
    static String digest(Path jar) {
        Path all = jar.endsWith("quarkus-run.jar") ? jar.getParent() : jar;
        try (var files = Files.walk(all)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            List<Path> sorted = files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(".jar"))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
            for (Path file : sorted) {
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
