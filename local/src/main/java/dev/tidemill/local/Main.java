package dev.tidemill.local;

import dev.tidemill.store.StoreException;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command line's first word. */
@Command(
        name = "tidemill",
        description = "Data and models as resources, functions that wake up to work on them: on this machine.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            RunCommand.class,
            ProfileCommand.class,
            GetCommand.class,
            RedriveCommand.class,
            InvokeCommand.class,
            SendCommand.class,
            LogsCommand.class,
            ImportCommand.class
        },
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {

    private @CommandLine.Spec CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    private Main() {}

    /** Held, since JUL forgets the level of a logger that nobody holds. */
    private static final Logger LIBRARIES = Logger.getLogger("");

    public static void main(String[] args) {
        LIBRARIES.setLevel(Level.WARNING);
        System.exit(execute(args));
    }

    static int execute(String... args) {
        CommandLine line = new CommandLine(new Main());
        line.getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec().mixinStandardHelpOptions(true));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((e, command, _) -> switch (e) {
            case UsageException usage -> complain(command, usage.getMessage(), 2);
            case UncheckedIOException io -> complain(command, io.getMessage(), 1);
            case StoreException store -> complain(command, store.getMessage(), 1);
            default -> throw e;
        });
        return line.execute(args);
    }

    private static int complain(CommandLine command, @Nullable String message, int status) {
        command.getErr().println("tidemill: " + message);
        return status;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do: a command is missing");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws Exception {
            Properties version = new Properties();
            try (var in = Main.class.getResourceAsStream("version.properties")) {
                version.load(in);
            }
            return new String[] {"tidemill " + version.getProperty("version"), "JDK " + Runtime.version()};
        }
    }
}
