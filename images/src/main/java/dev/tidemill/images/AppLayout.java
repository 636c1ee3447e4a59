package dev.tidemill.images;

import dev.tidemill.images.Deployable.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** Copies the parts of an image as they are going to be in it. */
final class AppLayout {

    /** Of no use to the program, and with paths of the machine that built it. */
    private static final String LEFT_OUT = "quarkus-app-dependencies.txt";

    private AppLayout() {}

    static void make(Path root, List<Part> parts, Path target) throws IOException {
        delete(target);
        for (var part : parts) {
            var from = root.resolve(part.from());
            var into = target.resolve(part.into());
            Files.createDirectories(into.getParent());
            try (var files = Files.walk(from)) {
                for (var file : files.sorted().toList()) {
                    if (!file.endsWith(LEFT_OUT)) {
                        var name = from.relativize(file).toString();
                        Files.copy(file, name.isEmpty() ? into : into.resolve(name));
                    }
                }
            }
        }
        settle(target);
    }

    /**
     * Gives every file below the folder the mode and time that it has in the image, whatever umask and clock this machine has:
     * what somebody may execute, everybody may.
     */
    static void settle(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (Files.isSymbolicLink(file)) {
                    // Jib packs what a link leads to; so do all then.
                    var content = Files.readAllBytes(file);
                    Files.delete(file);
                    Files.write(file, content);
                }
                var mode = Files.isDirectory(file) || Files.isExecutable(file) ? "rwxr-xr-x" : "rw-r--r--";
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
                Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH.plusSeconds(1)));
            }
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
