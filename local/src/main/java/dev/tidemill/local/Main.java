package dev.tidemill.local;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line's first word. */
@Command(
        name = "tidemill",
        description = "Data and models as resources, functions that wake up to work on them: on this machine.",
        mixinStandardHelpOptions = true)
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
