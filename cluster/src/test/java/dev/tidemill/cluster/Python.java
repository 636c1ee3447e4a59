package dev.tidemill.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The clients that people use, from PyPI, unmodified: with the pinned lists of packages and by the scripts of the model server's own tests. */
final class Python {

    private static final Path TESTS =
            Path.of("../functions/model/src/test").toAbsolutePath().normalize();
    private static final Shell SHELL = new Shell(Map.of());

    private final String client;
    private final Path environment;

    private Python(String client, Path environment) {
        this.client = client;
        this.environment = environment;
    }

    /** With a client's packages, installed under {@code target} once. */
    static Python with(String client) throws IOException {
        var environment = Path.of("target", "venv-" + client).toAbsolutePath();
        var list = TESTS.resolve("python/requirements-" + client + ".txt");
        var installed = environment.resolve("installed");
        if (!Files.exists(installed) || !Files.readString(installed).equals(Files.readString(list))) {
            SHELL.run("python3", "-m", "venv", "--clear", environment.toString());
            SHELL.run(
                    environment.resolve("bin/pip").toString(),
                    "install",
                    "--quiet",
                    "--no-deps",
                    "--disable-pip-version-check",
                    "-r",
                    list.toString());
            Files.copy(list, installed);
        }
        return new Python(client, environment);
    }

    /**
     * Has the client ask the model of the digits all that its script knows.
     *
     * @param address of a gateway
     * @param host by which that knows the model
     * @return what the script says
     */
    String asks(String address, String host) {
        return SHELL.run(
                environment.resolve("bin/python").toString(),
                TESTS.resolve("python/with_" + client + ".py").toString(),
                address,
                TESTS.resolve("models").toString(),
                host);
    }
}
