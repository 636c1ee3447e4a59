package dev.tidemill.local.importing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A folder of {@code src/test/resources/import}: {@code in*}, {@code arguments.txt} if any, {@code out.yaml}, {@code not-carried.txt}. */
record Case(Path folder) {

    private static final Path ALL = Path.of("src/test/resources/import");

    static List<Case> all() throws IOException {
        try (var folders = Files.list(ALL)) {
            return folders.sorted().map(Case::new).toList();
        }
    }

    List<Path> inputs() throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith("in"))
                    .sorted()
                    .toList();
        }
    }

    Imported run() throws IOException {
        return new Importer(options()).read(inputs());
    }

    private Options options() throws IOException {
        Map<String, String> parameters = new HashMap<>();
        Path arguments = folder.resolve("arguments.txt");
        if (Files.exists(arguments)) {
            for (String line : Files.readAllLines(arguments)) {
                String[] pair = line.replaceFirst("^--parameter ", "").split("=", 2);
                parameters.put(pair[0], pair[1]);
            }
        }
        return new Options(parameters, Map.of(), "lake", "registry.example", null, null);
    }

    /** What the command says on standard error, without the folder. */
    String told(Imported imported) {
        return Stream.concat(
                        imported.questions().stream().map(question -> "to decide: " + question),
                        imported.notCarried().stream().map(finding -> "not carried over: " + finding))
                .map(line -> line.replace(folder + "/", "") + "\n")
                .collect(Collectors.joining());
    }

    @Override
    public String toString() {
        return String.valueOf(folder.getFileName());
    }
}
