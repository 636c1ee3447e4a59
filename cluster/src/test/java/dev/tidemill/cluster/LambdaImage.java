package dev.tidemill.cluster;

import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An AWS Lambda image as users build it, with AWS' own runtime interface client from PyPI. For want of a base image its Python is this
 * machine's, with the libraries that it is linked to.
 */
final class LambdaImage {

    private static final String PYTHON = "/opt/python";
    private static final String TASK = "/var/task";
    private static final FilePermissions EXECUTABLE = FilePermissions.fromOctalString("755");

    private LambdaImage() {}

    /** @param handlers folders with {@code *.py}, the first with {@code requirements.txt} */
    static JibContainerBuilder of(List<Path> handlers, Shell shell) throws IOException {
        var task = Path.of("target", "lambda-task").toAbsolutePath();
        shell.run(
                "python3",
                "-m",
                "pip",
                "install",
                "--quiet",
                "--upgrade",
                "--target",
                task.toString(),
                "-r",
                handlers.getFirst().resolve("requirements.txt").toString());
        for (var folder : handlers) {
            try (var files = Files.newDirectoryStream(folder, "*.py")) {
                for (var file : files) {
                    Files.copy(file, task.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        var about = shell.run(
                        "python3",
                        "-c",
                        "import os, sys, sysconfig as s; print(os.path.realpath(sys.executable), s.get_path('stdlib'), sys.platlibdir)")
                .strip()
                .split(" ", -1);
        var program = Path.of(about[0]);
        var library = Path.of(about[1]);
        var version = library.getFileName().toString();
        var image = Jib.fromScratch()
                .addFileEntriesLayer(libraries(shell, List.of(program, library, task)))
                .addFileEntriesLayer(folder("python", library, PYTHON + "/" + about[2] + "/" + version))
                .addFileEntriesLayer(FileEntriesLayer.builder()
                        .setName("program")
                        .addEntry(program, AbsoluteUnixPath.get(PYTHON + "/bin/python3"), EXECUTABLE)
                        .build())
                .addFileEntriesLayer(folder("task", task, TASK));
        return image.addEnvironmentVariable("PYTHONHOME", PYTHON)
                .addEnvironmentVariable("PYTHONDONTWRITEBYTECODE", "1")
                .addEnvironmentVariable("LAMBDA_TASK_ROOT", TASK)
                .setWorkingDirectory(AbsoluteUnixPath.get(TASK))
                .setEntrypoint(PYTHON + "/bin/python3", "-m", "awslambdaric");
    }

    private static FileEntriesLayer folder(String name, Path folder, String into) throws IOException {
        var layer = FileEntriesLayer.builder().setName(name);
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
                var path = folder.relativize(file).toString();
                if (!path.contains("__pycache__") && !path.startsWith("test/") && !path.startsWith("site-packages/")) {
                    layer.addEntry(file, AbsoluteUnixPath.get(into).resolve(path));
                }
            }
        }
        return layer.build();
    }

    /** What {@code ldd} names, under the paths by which the loader asks for it. */
    private static FileEntriesLayer libraries(Shell shell, List<Path> code) throws IOException {
        var programs = new TreeSet<String>();
        for (var each : code) {
            try (Stream<Path> files = Files.walk(each)) {
                files.filter(file -> file.equals(each) && Files.isRegularFile(file)
                                || file.toString().contains(".so"))
                        .forEach(file -> programs.add(file.toString()));
            }
        }
        var layer = FileEntriesLayer.builder().setName("libraries");
        var command = new ArrayList<>(List.of("ldd"));
        command.addAll(programs);
        var found = Stream.of(shell.run(command.toArray(String[]::new)).split("\\s+"))
                .filter(word -> word.matches("/(usr/)?lib.*[^:]") || word.matches("/.*libpython[^:]*"))
                .collect(Collectors.toCollection(TreeSet::new));
        for (var library : found) {
            layer.addEntry(Path.of(library).toRealPath(), AbsoluteUnixPath.get(library), EXECUTABLE);
        }
        return layer.build();
    }
}
