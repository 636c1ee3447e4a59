package dev.tidemill.images;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.api.buildplan.Port;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Builds images: {@code Images ROOT BASE REPOSITORY TAG ARCHITECTURE NAMES}. They are laid out in {@code ROOT/images/target} and pushed
 * to {@code REPOSITORY/NAME:TAG}, with the keys of {@code docker login}; or become {@code images/target/NAME.tar} where the repository
 * has no host. The same files give the same digest, but for the cache of classes, which no two runs write alike.
 */
final class Images {

    private static final String OURS = "tidemill";

    private Images() {}

    public static void main(String... args) throws Exception {
        var root = Path.of(args[0]);
        var target = root.resolve("images/target");
        var runtime = target.resolve("runtime");
        // Jib takes a layer from there when names, sizes and times are the same, and all times are.
        AppLayout.delete(target.resolve("jib"));
        RuntimeLayout.make(runtime, root.resolve("LICENSE"));
        for (var name : args[5].split(",", -1)) {
            var image = lay(name.toUpperCase(Locale.ROOT).replace('-', '_'), root, target, runtime);
            var reference = ImageReference.parse(args[2] + "/" + image.name() + ":" + args[3]);
            var pushed = container(args[1], args[4], image)
                    .containerize(destination(args[2], reference, target, image)
                            .setToolName("tidemill")
                            .setApplicationLayersCache(target.resolve("jib"))
                            .setBaseImageLayersCache(target.resolve("jib")));
            System.out.println(reference + "@" + pushed.getDigest());
        }
    }

    private static Image lay(String name, Path root, Path target, Path runtime)
            throws IOException, InterruptedException {
        if (Stream.of(LambdaRuntime.values()).anyMatch(each -> each.name().equals(name))) {
            return LambdaRuntime.valueOf(name).make(root, target, runtime);
        }
        var deployable = Deployable.valueOf(name);
        var app = target.resolve(deployable.image());
        AppLayout.make(root, deployable.parts(), app);
        var natives = app.resolve(Deployable.NATIVES);
        if (Files.exists(natives)) {
            SharedLibraries.copy(List.of(natives), app, runtime);
            AppLayout.settle(app);
        }
        if (deployable.entrypoint().contains(Deployable.USE_CACHE)) {
            AotTraining.run(root, runtime, app, deployable);
            AppLayout.settle(app);
            AotTraining.check(runtime, app, deployable);
        }
        return deployable.image(runtime, app);
    }

    private static Containerizer destination(String repository, ImageReference name, Path target, Image image)
            throws Exception {
        if (repository.equals(OURS)) {
            var tar = TarImage.at(target.resolve(image.name() + ".tar")).named(name);
            return Containerizer.to(tar);
        }
        var credentials = CredentialRetrieverFactory.forImage(name, event -> {});
        return Containerizer.to(RegistryImage.named(name).addCredentialRetriever(credentials.dockerConfig()))
                .setAllowInsecureRegistries(Boolean.getBoolean("jib.allowInsecureRegistries"));
    }

    private static JibContainerBuilder container(String base, String architecture, Image image) throws Exception {
        var container = (base.equals("scratch") ? Jib.fromScratch() : Jib.from(base))
                .setPlatforms(Set.of(new Platform(architecture, "linux")))
                .setEnvironment(image.environment())
                .setUser("65532:65532")
                .setWorkingDirectory(AbsoluteUnixPath.get(image.workingDirectory()))
                .setExposedPorts(Port.tcp(8080))
                .setEntrypoint(image.entrypoint())
                .setCreationTime(Instant.EPOCH);
        for (var layer : image.layers()) {
            container.addFileEntriesLayer(layer(layer.getFileName().toString(), layer, "/"));
        }
        return container;
    }

    /** Modes and times are those of the layout. */
    private static FileEntriesLayer layer(String name, Path folder, String into) throws IOException {
        var layer = FileEntriesLayer.builder().setName(name);
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(each -> !each.equals(folder)).sorted().toList()) {
                var path = AbsoluteUnixPath.get(into)
                        .resolve(folder.relativize(file).toString());
                layer.addEntry(
                        file, path, mode(file), Files.getLastModifiedTime(file).toInstant());
            }
        }
        return layer.build();
    }

    private static FilePermissions mode(Path file) {
        try {
            return FilePermissions.fromPosixFilePermissions(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
