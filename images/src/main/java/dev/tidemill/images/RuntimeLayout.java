package dev.tidemill.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Lays out the file system that every image starts from: a Java runtime cut down by {@code jlink} from the JDK that runs this
 * program, the shared libraries that it is linked to (taken from this machine, under the paths by which the loader asks for
 * them), the two files that the C library reads, and the license. Nothing is done when it is there already.
 */
final class RuntimeLayout {

    private static final String MODULES = String.join(
            ",",
            "java.base",
            // The model server reads images with it, without a screen.
            "java.desktop",
            "java.logging",
            "java.management",
            "java.naming",
            "java.net.http",
            "java.security.sasl",
            "java.sql",
            "java.xml",
            "jdk.incubator.vector",
            "jdk.jfr",
            "jdk.management",
            "jdk.net",
            "jdk.unsupported",
            "jdk.zipfs");

    /** What links to libraries of X11 and ALSA. */
    private static final String SCREEN_AND_SOUND =
            "**/libawt_xawt.so,**/libjawt.so,**/libjsound.so,**/libsplashscreen.so";

    private RuntimeLayout() {}

    static void make(Path target, Path license) throws IOException, InterruptedException {
        var stamp = target.resolveSibling(target.getFileName() + ".stamp");
        var wanted = "without links, of " + System.getProperty("java.vm.version") + " " + MODULES;
        if (Files.exists(stamp) && Files.readString(stamp).equals(wanted)) {
            return;
        }
        Files.deleteIfExists(stamp);
        AppLayout.delete(target);
        Files.createDirectories(target.resolve("opt"));
        var java = target.resolve("opt/java");
        jlink(java);
        SharedLibraries.copy(List.of(java.resolve("bin/java"), java.resolve("lib")), target, target);
        common(target, license);
        AppLayout.settle(target);
        Files.writeString(stamp, wanted);
    }

    /** The two files that the C library reads, and the license. */
    static void common(Path target, Path license) throws IOException {
        Files.createDirectories(target.resolve("etc"));
        Files.writeString(target.resolve("etc/nsswitch.conf"), "hosts: files dns\n");
        Files.writeString(target.resolve("etc/passwd"), "tidemill:x:65532:65532::/:/none\n");
        Files.createDirectories(target.resolve("usr/share/doc/tidemill"));
        Files.copy(license, target.resolve("usr/share/doc/tidemill/LICENSE"));
    }

    private static void jlink(Path output) {
        var jlink = ToolProvider.findFirst("jlink")
                .orElseThrow(() -> new IllegalStateException(
                        "no jlink in " + System.getProperty("java.home") + ": a JDK with its jmods is needed"));
        int status = jlink.run(
                System.out,
                System.err,
                "--add-modules",
                MODULES,
                // Uncompressed: the image is compressed as a whole, and is smaller that way.
                "--compress=zip-0",
                "--strip-java-debug-attributes",
                "--exclude-files=" + SCREEN_AND_SOUND,
                "--no-header-files",
                "--no-man-pages",
                "--output",
                output.toString());
        if (status != 0) {
            throw new IllegalStateException("jlink failed with status " + status);
        }
    }
}
