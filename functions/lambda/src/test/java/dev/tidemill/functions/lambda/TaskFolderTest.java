package dev.tidemill.functions.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.api.FunctionSpec.Code;
import dev.tidemill.store.CodePackage;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskFolderTest {

    private static final Path STARTS = Path.of("../../images/src/main/runtimes").toAbsolutePath();

    @TempDir
    Path dir;

    private final ObjectClient store = new MemoryStore().client();

    private Code code(Map<String, String> files) throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        store.createBucket("lake");
        store.put("lake", "f.zip", bytes.toByteArray(), "application/zip", Precondition.NONE);
        return new Code(
                "default",
                "lake",
                "f.zip",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray())));
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void isFilledOnceAndAgainWhereABridgeEndedHalfWay() throws Exception {
        var code = code(Map.of("f.py", "one", "lib/g.py", "two"));
        new TaskFolder(dir).fill(code, "f.handler", store);
        assertThat(names(dir)).containsExactly("f.py", "lib");

        Files.writeString(dir.resolve("f.py"), "in use");
        new TaskFolder(dir).fill(code, "f.handler", store);
        assertThat(dir.resolve("f.py"))
                .as("nothing moves under a runtime at work")
                .hasContent("in use");

        Files.createDirectories(dir.resolve(".unpacking-" + code.sha256() + "/lib"));
        new TaskFolder(dir).fill(code, "f.handler", store);
        assertThat(dir.resolve("f.py")).hasContent("one");
        assertThat(names(dir)).containsExactly("f.py", "lib");
    }

    @Test
    void nothingOfOtherBytesIsThereToBeRun() throws Exception {
        var code = code(Map.of("f.py", "one"));
        var meant = new Code(code.store(), code.bucket(), code.key(), "0".repeat(64));
        assertThatThrownBy(() -> new TaskFolder(dir).fill(meant, "f.handler", store))
                .isInstanceOf(CodePackage.UnfitException.class)
                .hasMessageContaining(code.sha256());
        assertThat(dir.resolve("f.py")).doesNotExist();
    }

    @Test
    void pythonsRuntimeImageWaitsForItsCode() throws Exception {
        Client.PYTHON.need();
        answersFromCodeThatComesAfterIt(
                List.of(
                        Client.PYTHON.place().resolve("bin/python").toString(),
                        "-u",
                        STARTS.resolve("python/tidemill_start.py").toString(),
                        "report.handler"),
                Map.of("report.py", "def handler(event, context):\n    return {'seen': event['x']}\n"));
    }

    @Test
    void nodesRuntimeImageWaitsForItsCode() throws Exception {
        Client.NODE.need();
        // As in the image, where it lies beside the client.
        var start = Files.copy(
                STARTS.resolve("node/start.mjs"),
                Client.NODE.place().resolve("start.mjs"),
                StandardCopyOption.REPLACE_EXISTING);
        answersFromCodeThatComesAfterIt(
                List.of("node", start.toString(), "report.handler"),
                Map.of("report.mjs", "export const handler = async (event) => ({ seen: event.x });\n"));
    }

    /** As in a pod: the runtime's container is up first, the bridge fetches the code and opens the Runtime API. */
    private void answersFromCodeThatComesAfterIt(List<String> command, Map<String, String> files) throws Exception {
        var kept = new Socket();
        kept.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        var port = kept.getLocalPort();
        var builder = new ProcessBuilder(new ArrayList<>(command))
                .directory(dir.toFile())
                .inheritIO();
        builder.environment()
                .putAll(Map.of(
                        "AWS_LAMBDA_RUNTIME_API", "127.0.0.1:" + port,
                        "_HANDLER", "report.handler",
                        "LAMBDA_TASK_ROOT", dir.toString(),
                        "AWS_LAMBDA_FUNCTION_NAME", "tested",
                        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"));
        var runtime = builder.start();
        try {
            new TaskFolder(dir).fill(code(files), "report.handler", store);
            // Bound, it was nobody else's, and took no connections.
            kept.close();
            try (var bridge = TestBridge.withoutRuntime(ApiPorts.open(List.of(port)))) {
                var answer = bridge.event("1", "t", "/s", Map.of("x", 7));
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                assertThat(answer.body()).isEqualToIgnoringWhitespace("{\"seen\": 7}");
            }
        } finally {
            runtime.destroyForcibly();
        }
    }
}
