package dev.tidemill.functions.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemill.api.Json;
import dev.tidemill.api.ModelSpec.Format;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The built application in a process of its own, and the clients that people use, from PyPI, unmodified. */
class RealClientsIT {

    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Path LOG = TARGET.resolve("real-clients-server.log");
    private static int port;
    private static Process server;

    @BeforeAll
    static void start() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ModelConfig config = Models.config(
                Format.PyTorch, Models.FOLDER.resolve("digits.pt"), Models.DIGITS_IN, Models.DIGITS_OUT, 128);
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        // Half of what a body has that is far too large.
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-jar",
                        TARGET.resolve("quarkus-app/quarkus-run.jar").toString())
                .redirectErrorStream(true)
                .redirectOutput(LOG.toFile());
        builder.environment()
                .putAll(Map.of(
                        "PORT", Integer.toString(port),
                        "TIDEMILL_NATIVES", Models.NATIVES.folder().toString(),
                        "TIDEMILL_MODEL_ARTIFACT",
                                Models.FOLDER
                                        .resolve("digits.pt")
                                        .toAbsolutePath()
                                        .toString(),
                        "TIDEMILL_MODEL",
                                new String(
                                        Json.bytes(Map.of(
                                                "apiVersion",
                                                "tidemill.dev/v1alpha1",
                                                "kind",
                                                "Model",
                                                "metadata",
                                                Map.of("name", "digits"),
                                                "spec",
                                                config.model().spec())),
                                        StandardCharsets.UTF_8)));
        server = builder.start();
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest ready = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v2/health/ready"))
                .build();
        for (int status = 0; status != 200; ) {
            assertThat(server.isAlive()).as(() -> read(LOG)).isTrue();
            try {
                status = client.send(ready, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
            } catch (IOException _) {
                Thread.sleep(50);
            }
        }
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.destroy();
        assertThat(server.waitFor(30, TimeUnit.SECONDS))
                .as("the server ends when it is told to")
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"tritonclient,tritonclient", "kserve,kserve", "grpcio,tritonclient"})
    void agreesWithScikitLearn(String client, String packages) throws Exception {
        assumeThat(canRunPython())
                .as(
                        "python3 with venv makes an environment for %s; without it nothing shows that this client works",
                        client)
                .isTrue();
        Path environment = TARGET.resolve("venv-" + packages);
        Path python = environment.resolve("bin/python");
        Path complete = environment.resolve("complete");
        if (!Files.exists(complete)) {
            run(List.of("python3", "-m", "venv", environment.toString()));
            run(List.of(
                    python.toString(),
                    "-m",
                    "pip",
                    "install",
                    "-q",
                    "--no-compile",
                    "--disable-pip-version-check",
                    "-r",
                    "src/test/python/requirements-" + packages + ".txt"));
            Files.createFile(complete);
        }
        String said = run(List.of(
                python.toString(),
                "src/test/python/with_" + client + ".py",
                "localhost:" + port,
                Models.FOLDER.toString()));
        assertThat(said).endsWith(client + " agrees\n");
    }

    @Test
    void aBodyOfHalfAGigabyteIsRefusedAndTheServerGoesOn() throws Exception {
        URI infer = URI.create("http://127.0.0.1:" + port + "/v2/models/digits/infer");
        byte[] megabyte = new byte[1 << 20];
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> refused = client.send(
                    HttpRequest.newBuilder(infer)
                            .POST(HttpRequest.BodyPublishers.ofByteArrays(Collections.nCopies(500, megabyte)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(413);
            // An eighth of the heap.
            assertThat(refused.body())
                    .contains("error", "TIDEMILL_BODY_LIMIT")
                    .containsPattern("at most [23]\\d{7} bytes");
            HttpResponse<Void> after = client.send(
                    HttpRequest.newBuilder(infer.resolve("/v2/models/digits/ready"))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            assertThat(after.statusCode()).isEqualTo(200);
        }
    }

    private static boolean canRunPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "-c", "import venv, ensurepip")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(() -> said + read(LOG)).isZero();
        return said;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
