package dev.tidemill.functions.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Python with the packages that a pinned list names, installed under {@code target} once. */
public final class Venv {

    private static final Path SOURCES = Path.of("src/test/python").toAbsolutePath();

    private final Path folder;

    private Venv(Path folder) {
        this.folder = folder;
    }

    /**
     * Of {@code src/test/python/requirements-<name>.txt}; where there is no Python, the test is skipped.
     *
     * @param promise that is not shown then
     */
    public static synchronized Venv of(String name, String promise) throws Exception {
        assumeThat(status(List.of("python3", "-c", "import venv, ensurepip")))
                .as("not shown here: " + promise + "; install python3 and python3-venv")
                .isZero();
        Path folder = Path.of("target", "venv-" + name).toAbsolutePath();
        Path list = SOURCES.resolve("requirements-" + name + ".txt");
        Path done = folder.resolve("installed");
        if (!Files.exists(done) || !Files.readString(done).equals(Files.readString(list))) {
            run(List.of("python3", "-m", "venv", "--clear", folder.toString()));
            run(List.of(
                    folder.resolve("bin/pip").toString(),
                    "install",
                    "--quiet",
                    "--no-deps",
                    "--disable-pip-version-check",
                    "-r",
                    list.toString()));
            Files.copy(list, done);
        }
        return new Venv(folder);
    }

    /** A file that one of the packages brought. */
    public Path packaged(String name) throws IOException {
        try (var files = java.nio.file.Files.walk(folder.resolve("lib"))) {
            return files.filter(file -> file.endsWith(Path.of(name)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Runs a script of {@code src/test/python}. */
    public void run(String script, Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                folder.resolve("bin/python").toString(), SOURCES.resolve(script).toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        run(command);
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Path log = Path.of("target", "python.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor()).as(() -> command + ": " + read(log)).isZero();
    }

    private static int status(List<String> command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
        }
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
