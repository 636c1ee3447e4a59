package dev.tidemill.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A Python with AWS' runtime interface client, numpy and boto3, installed once from the example's own list. */
final class Python {

    static final Path PLACE = Path.of("target/python").toAbsolutePath();

    private static final Path REQUIREMENTS = Path.of("../k8s/examples/lambda/requirements.txt");

    private Python() {}

    static String executable() {
        return PLACE.resolve("bin/python").toString();
    }

    static synchronized void install() throws Exception {
        if (!Files.exists(PLACE.resolve("installed"))) {
            run(List.of("python3", "-m", "venv", PLACE.toString()));
            run(List.of(
                    PLACE.resolve("bin/pip").toString(),
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "-r",
                    REQUIREMENTS.toString()));
            Files.createFile(PLACE.resolve("installed"));
        }
    }

    /** What the command printed. */
    static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
