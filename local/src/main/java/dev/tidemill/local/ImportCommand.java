package dev.tidemill.local;

import dev.tidemill.local.importing.ImportException;
import dev.tidemill.local.importing.Imported;
import dev.tidemill.local.importing.Importer;
import dev.tidemill.local.importing.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill import}. */
@Command(
        name = "import",
        description =
                "Turns functions declared for AWS into Functions: a SAM or CloudFormation template, a serverless.yml, or the JSON "
                        + "files that tell a function its data and events. What could not be carried over is listed.")
final class ImportCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "What to import; several only for the JSON files of one function.")
    private List<Path> files = List.of();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where to write the YAML; standard output where left out.")
    private @Nullable Path out;

    @Option(
            names = "--parameter",
            paramLabel = "NAME=VALUE",
            description =
                    "A template's parameter, AWS::Region and the like, or an option of the Serverless Framework's such as stage.")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(
            names = "--handler",
            paramLabel = "MODULE.FUNCTION",
            description = "The handler, where the files name a wrong one.")
    private @Nullable String handler;

    @Option(
            names = "--bucket",
            paramLabel = "NAME",
            defaultValue = "lake",
            description = "The bucket of prefixes that name none: ${DEFAULT-VALUE}.")
    private String bucket = "lake";

    @Option(
            names = "--registry",
            paramLabel = "NAME",
            defaultValue = "registry.example",
            description = "Where images will lie that have to be built: ${DEFAULT-VALUE}.")
    private String registry = "registry.example";

    @Override
    public Integer call() {
        Path folder = out == null ? null : out.toAbsolutePath().getParent();
        var options = new Options(parameters, System.getenv(), bucket, registry, handler, folder);
        Imported imported;
        try {
            imported = new Importer(options).read(files);
        } catch (ImportException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
        write(imported.yaml());
        imported.questions().forEach(question -> System.err.println("to decide: " + question));
        imported.notCarried().forEach(finding -> System.err.println("not carried over: " + finding));
        return 0;
    }

    private void write(String yaml) {
        if (out == null) {
            System.out.print(yaml);
            return;
        }
        try {
            Files.writeString(out, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write %s: %s".formatted(out, e.getMessage()), e);
        }
    }
}
