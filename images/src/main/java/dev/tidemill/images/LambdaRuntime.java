package dev.tidemill.images;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import dev.tidemill.images.Deployable.Part;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * An image that runs a language's Lambda handlers whose code comes as a zip: the interpreter of this machine with the libraries that it
 * is linked to, AWS' own runtime interface client and SDK in pinned versions, and a program that waits for the code.
 */
enum LambdaRuntime {
    LAMBDA_PYTHON {
        @Override
        Image make(Path root, Path target, Path runtime) throws IOException, InterruptedException {
            var image = target.resolve(image());
            var about = run(
                            root,
                            "python3",
                            "-c",
                            "import os, sys, sysconfig as s; print(os.path.realpath(sys.executable), s.get_path('stdlib'), sys.platlibdir)")
                    .strip()
                    .split(" ", -1);
            var library = Path.of(about[1]);
            AppLayout.make(
                    root,
                    List.of(
                            new Part(Path.of(about[0]), Path.of(PYTHON)),
                            new Part(Path.of("images/src/main/runtimes/python"), CLIENT)),
                    image);
            copy(library, image.resolve("opt/python").resolve(about[2]).resolve(library.getFileName()));
            var client = image.resolve(CLIENT);
            run(
                    root,
                    "python3",
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--no-compile",
                    "--target",
                    client.toString(),
                    "--requirement",
                    client.resolve("requirements.txt").toString());
            settle(root, image, PYTHON);
            return image(
                    List.of(image),
                    List.of("/" + PYTHON, "-u", "/" + CLIENT + "/tidemill_start.py"),
                    Map.of("PATH", "/opt/python/bin", "PYTHONHOME", "/opt/python", "PYTHONDONTWRITEBYTECODE", "1"));
        }

        /** Neither tests nor what draws windows. */
        private void copy(Path library, Path into) throws IOException {
            var leftOut = List.of("site-packages", "test", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3");
            try (var files = Files.walk(library)) {
                for (var file : files.filter(Files::isRegularFile).toList()) {
                    var name = library.relativize(file);
                    var text = name.toString();
                    if (!leftOut.contains(name.getName(0).toString())
                            && !text.contains("__pycache__")
                            && !text.endsWith(".a")) {
                        var copy = into.resolve(name);
                        Files.createDirectories(copy.getParent());
                        Files.copy(file, copy);
                    }
                }
            }
        }
    },

    LAMBDA_NODE {
        @Override
        Image make(Path root, Path target, Path runtime) throws IOException, InterruptedException {
            var image = target.resolve(image());
            var program = run(root, "node", "-p", "require('fs').realpathSync(process.execPath)")
                    .strip();
            AppLayout.make(
                    root,
                    List.of(
                            new Part(Path.of(program), Path.of(NODE)),
                            new Part(Path.of("images/src/main/runtimes/node"), CLIENT)),
                    image);
            run(image.resolve(CLIENT), "npm", "ci", "--no-audit", "--no-fund", "--omit=dev");
            // What its native part was made of.
            AppLayout.delete(image.resolve(CLIENT).resolve("node_modules/aws-lambda-ric/deps"));
            settle(root, image, NODE);
            return image(
                    List.of(image), List.of("/" + NODE, "/" + CLIENT + "/start.mjs"), Map.of("PATH", "/opt/node/bin"));
        }
    },

    LAMBDA_JAVA {
        @Override
        Image make(Path root, Path target, Path runtime) throws IOException, InterruptedException {
            var image = target.resolve(image());
            var start = "dev/tidemill/runtime";
            var parts = new ArrayList<Part>();
            parts.add(new Part(
                    Path.of("images/target/classes").resolve(start),
                    CLIENT.resolve("classes").resolve(start)));
            Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(Path::of)
                    .filter(jar -> jar.getFileName().toString().matches("(aws-lambda-java-|utils-lite-).*"))
                    .forEach(
                            jar -> parts.add(new Part(jar, CLIENT.resolve("lib").resolve(jar.getFileName()))));
            AppLayout.make(root, parts, image);
            natives(image, runtime);
            Files.createDirectories(image.resolve(TASK));
            AppLayout.settle(image);
            return image(
                    List.of(runtime, image),
                    List.of(
                            "/opt/java/bin/java",
                            "-XX:MaxRAMPercentage=70",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            "/%1$s/classes:/%1$s/lib/*".formatted(CLIENT),
                            "dev.tidemill.runtime.Start"),
                    Map.of("PATH", "/opt/java/bin"));
        }

        /** The client's own is in its jar, and is unpacked when it starts. */
        private void natives(Path image, Path runtime) throws IOException, InterruptedException {
            var jar = AWSLambda.class.getProtectionDomain().getCodeSource().getLocation();
            var architecture = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch_64";
            var library = Files.createTempFile("client", ".so");
            try (var in =
                    AWSLambda.class.getResourceAsStream("/jni/libaws-lambda-jni.linux-%s.so".formatted(architecture))) {
                if (in == null) {
                    throw new IOException("%s has no library for %s".formatted(jar, architecture));
                }
                Files.copy(in, library, StandardCopyOption.REPLACE_EXISTING);
                SharedLibraries.copy(List.of(library), image, runtime);
            } finally {
                Files.delete(library);
            }
        }
    };

    /** Where the code is going to be. */
    private static final String TASK = "var/task";

    private static final String PYTHON = "opt/python/bin/python3";
    private static final String NODE = "opt/node/bin/node";

    /** Where the client is, and what starts it. */
    private static final Path CLIENT = Path.of("opt/tidemill");

    /** Lays it out, and says how it starts. */
    abstract Image make(Path root, Path target, Path runtime) throws IOException, InterruptedException;

    String image() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Image image(List<Path> layers, List<String> entrypoint, Map<String, String> environment) {
        SequencedMap<String, String> all = new LinkedHashMap<>(new TreeMap<>(environment));
        all.put("LANG", "C.UTF-8");
        all.put("LAMBDA_TASK_ROOT", "/" + TASK);
        return new Image(image(), layers, entrypoint, all, "/" + TASK);
    }

    /** Brings the libraries of its native code, and what every image has. */
    static void settle(Path root, Path image, String interpreter) throws IOException, InterruptedException {
        SharedLibraries.copy(List.of(image.resolve(interpreter), image.resolve("opt")), image, image);
        RuntimeLayout.common(image, root.resolve("LICENSE"));
        Files.createDirectories(image.resolve(TASK));
        AppLayout.settle(image);
    }

    static String run(Path folder, String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed in " + folder + ":\n" + output);
        }
        return output;
    }
}
