package dev.tidemill.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The libraries of this machine that native code of an image is linked to. */
final class SharedLibraries {

    private SharedLibraries() {}

    /**
     * Copies them into an image, under the paths by which the loader asks for them.
     *
     * @param code programs, and folders with libraries, which find each other by themselves
     * @param below what the image has already
     */
    static void copy(List<Path> code, Path image, Path below) throws IOException, InterruptedException {
        for (var library : of(code)) {
            if (Path.of(library).startsWith(image)) {
                continue;
            }
            var path = library.substring(1);
            var copy = image.resolve(path);
            if (!Files.exists(below.resolve(path)) && !Files.exists(copy)) {
                Files.createDirectories(copy.getParent());
                Files.copy(Path.of(library), copy);
            }
        }
    }

    /** What {@code ldd} names. */
    private static SortedSet<String> of(List<Path> code) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("ldd"));
        for (var each : code) {
            try (Stream<Path> files = Files.walk(each)) {
                files.filter(file -> file.equals(each) ? Files.isRegularFile(file) : isLibrary(file))
                        .map(Path::toString)
                        .forEach(command::add);
            }
        }
        var process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException("ldd failed");
        }
        var libraries = new TreeSet<String>();
        for (var word : output.split("\\s+")) {
            // With a colon it is one of those that were asked about.
            if (word.startsWith("/") && !word.endsWith(":")) {
                libraries.add(word);
            }
        }
        return libraries;
    }

    private static boolean isLibrary(Path file) {
        return file.getFileName().toString().matches(".*\\.(so(\\..*)?|node)");
    }
}
