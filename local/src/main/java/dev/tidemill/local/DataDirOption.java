package dev.tidemill.local;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --data-dir}, which most commands have. */
final class DataDirOption {

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            defaultValue = ".tidemill",
            description = "Where objects, state and logs are kept; ${DEFAULT-VALUE} by default.")
    private Path directory = Path.of(".tidemill");

    DataDir open() {
        return DataDir.open(directory);
    }
}
