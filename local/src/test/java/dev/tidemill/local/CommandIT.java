package dev.tidemill.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.local.s3.EmbeddedS3;
import dev.tidemill.store.Stores;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong on a laptop, and what goes on: the launcher in a process of its own, a terminal, a foreign store. */
class CommandIT {

    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<Process> started = new ArrayList<>();

    @TempDir
    Path dir;

    @AfterEach
    void end() throws Exception {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void aFileThatIsAddedToAWatchedFolderMakesARevision() throws Exception {
        Path folder = Files.createDirectories(dir.resolve("orders"));
        Files.writeString(folder.resolve("1.csv"), "amount\n1\n2\n");
        Path yaml = Files.writeString(dir.resolve("orders.yaml"), """
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: orders, annotations: {tidemill.dev/local: orders}}
                spec: {source: {bucket: lake, prefix: orders/}}
                """);
        start(tidemill("run", yaml.toString(), "--watch"));

        await(() -> dataset("orders").path("status").path("rows").asInt() == 2);
        Files.writeString(folder.resolve("2.csv"), "amount\n30\n");
        await(() -> dataset("orders").path("status").path("rows").asInt() == 3);

        JsonNode status = dataset("orders").path("status");
        assertThat(status.path("objects").asInt()).isEqualTo(2);
        assertThat(status.path("revision").asInt()).isGreaterThan(1);
        assertThat(status.path("columns").get(0).path("max").asInt()).isEqualTo(30);
    }

    /** On a real terminal, whose Ctrl-C goes to every process in the foreground, the functions' too. */
    @Test
    void controlCEndsAllProcessesAndTheSameCommandGoesOn() throws Exception {
        assumeThat(isThere("script"))
                .as("util-linux' script makes a terminal here")
                .isTrue();
        List<String> run = tidemill("run", "k8s/examples/03-derived.yaml").command();
        Process terminal = start(new ProcessBuilder("script", "-qec", String.join(" ", run), "/dev/null")
                .directory(HOME.toFile())
                .redirectErrorStream(true));
        StringBuilder screen = new StringBuilder();
        Thread reader = Thread.startVirtualThread(() -> read(terminal.getInputStream(), screen));

        await(() -> partsOf("steps").size() > 2);
        Set<ProcessHandle> children = terminal.descendants().collect(Collectors.toSet());
        assertThat(children)
                .as("shells, the command, functions and their guards")
                .hasSizeGreaterThan(4);
        terminal.getOutputStream().write(3);
        terminal.getOutputStream().flush();

        assertThat(terminal.waitFor(60, TimeUnit.SECONDS)).isTrue();
        reader.join();
        await(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(screen.toString()).contains("steps", "░░░", "\u001b[");

        Map<Path, Object> before = partsOf("steps");
        Run again = finish(tidemill("run", "k8s/examples/03-derived.yaml"));
        assertThat(again.status).as(again.output).isZero();
        assertThat(partsOf("steps"))
                .as("what was finished is not computed again")
                .containsAllEntriesOf(before);
        assertThat(dataset("steps-mean")
                        .path("status")
                        .path("result")
                        .path("count")
                        .asInt())
                .isEqualTo(1000);
        Run yaml = finish(tidemill("get", "dataset", "steps-mean", "-o", "yaml"));
        assertThat(yaml.output)
                .startsWith("apiVersion: tidemill.dev/v1alpha1\nkind: Dataset\nmetadata:\n  name: steps-mean\n");
    }

    @Test
    void aFunctionThatNeverReturnsCostsItsObjectAloneAndIsStartedAnew() throws Exception {
        Path folder = Files.createDirectories(dir.resolve("words"));
        for (String word : List.of("one", "two", "hang", "four")) {
            Files.writeString(folder.resolve(word), word);
        }
        Path lives = dir.resolve("lives");
        Files.copy(jar("Echo", ECHO), dir.resolve("echo.jar"));
        Path yaml = Files.writeString(dir.resolve("echo.yaml"), """
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata: {name: echo, annotations: {tidemill.dev/local: echo.jar}}
                spec:
                  image: none
                  timeout: 2s
                  scale: {max: 4}
                  maxConcurrency: 4
                  env: [{name: LIVES, value: "%s"}]
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: words, annotations: {tidemill.dev/local: words}}
                spec: {source: {bucket: lake, prefix: words/}, format: {type: Raw}}
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: said}
                spec:
                  from: {dataset: words, function: echo}
                  output: {bucket: lake, prefix: said/, format: Raw}
                  partition: {scale: 4}
                  failurePolicy: {toleratedPercent: 30}
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: said-again}
                spec:
                  from: {dataset: said, function: echo}
                  output: {bucket: lake, prefix: said-again/, format: Raw}
                """.formatted(lives));

        Run run = finish(tidemill("run", yaml.toString()));

        assertThat(run.status).as(run.output).isZero();
        assertThat(run.output)
                .contains("dataset/said is ready: revision 1, 3 objects")
                .containsPattern("but 1 object failed, within what is tolerated; the first: s3://lake/words/hang: "
                        + "no reply from http://127.0.0.1:\\d+/ within 2 s: raise the function's timeout")
                .contains("dataset/said-again is ready: revision 1");
        assertThat(Files.readAllLines(lives)).hasSizeGreaterThan(1).doesNotHaveDuplicates();
    }

    @Test
    void badFilesAreToldByObjectLineAndByteAndTheRestIsProfiled() throws Exception {
        Path folder = Files.createDirectories(dir.resolve("files"));
        Files.writeString(folder.resolve("good-1.csv"), "a,b\n1,2\n3,4\n");
        Files.writeString(folder.resolve("good-2.csv"), "a,b\n5,6\n");
        Files.writeString(folder.resolve("only-a-header.csv"), "a,b\n");
        Files.writeString(folder.resolve("empty.csv"), "");
        Files.writeString(folder.resolve("ragged.csv"), "a,b\n1,2\n1,2,3\n");
        Files.writeString(folder.resolve("quote.csv"), "a,b\n1,\"x\n2,3\n");
        Files.write(folder.resolve("latin.csv"), "a,b\n1,é\n".getBytes(StandardCharsets.ISO_8859_1));
        Files.writeString(folder.resolve("broken.parquet"), "PAR1xxxxxxxxxxxxxxxxPAR1");
        Path yaml = Files.writeString(dir.resolve("files.yaml"), """
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: files, annotations: {tidemill.dev/local: files}}
                spec:
                  source: {bucket: lake, prefix: files/}
                  failurePolicy: {toleratedPercent: 50}
                """);

        Run run = finish(tidemill("run", yaml.toString()));

        assertThat(run.status).as(run.output).isZero();
        assertThat(run.output)
                .contains("dataset/files is ready: revision 1, 8 objects", "3 rows", "4 shards failed")
                .contains(
                        "but 4 objects failed, within what is tolerated; the first: s3://lake/files/broken.parquet: byte 16: ");
        List<String> told = new ArrayList<>();
        try (Stream<Path> failures = Files.list(dir.resolve("data/store/tidemill/default/files/failures"))) {
            for (Path file : (Iterable<Path>) failures::iterator) {
                JsonNode failure = JSON.readTree(file.toFile());
                if (failure.path("kind").asText().equals("FAILED")) {
                    told.add(failure.path("object").asText() + " " + failure.path("line") + " "
                            + failure.path("byteOffset") + " "
                            + failure.path("message").asText());
                }
            }
        }
        assertThat(told)
                .satisfiesExactlyInAnyOrder(
                        one -> assertThat(one)
                                .startsWith("s3://lake/files/broken.parquet -1 16 byte 16: the Parquet footer"),
                        one -> assertThat(one)
                                .startsWith("s3://lake/files/latin.csv 2 6 line 2, byte 6: byte 0xE9 is not UTF-8"),
                        one -> assertThat(one)
                                .startsWith("s3://lake/files/quote.csv 2 6 line 2, byte 6: quote opened here"),
                        one -> assertThat(one)
                                .startsWith("s3://lake/files/ragged.csv 3 8 line 3, byte 8: 3 fields where"));
    }

    @Test
    void aForeignStoreThatRefusesIsNamedWithWhatToDo() throws Exception {
        Path yaml = Files.writeString(dir.resolve("nowhere.yaml"), """
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: lost}
                spec: {source: {bucket: nowhere, prefix: x/}}
                """);
        try (EmbeddedS3 store = EmbeddedS3.start(dir.resolve("foreign"), 0)) {
            String url = store.endpoint().toString();
            ProcessBuilder stranger = tidemill("run", yaml.toString(), "--store", url);
            stranger.environment().put("AWS_ACCESS_KEY_ID", store.credentials().accessKey());
            stranger.environment().put("AWS_SECRET_ACCESS_KEY", "not-the-secret");
            Run refused = finish(stranger);
            assertThat(refused.status).as(refused.output).isEqualTo(1);
            assertThat(refused.output).contains(url, "AWS_SECRET_ACCESS_KEY").doesNotContain("\tat ", "not-the-secret");

            ProcessBuilder friend = tidemill("run", yaml.toString(), "--store", url);
            friend.environment().put("AWS_ACCESS_KEY_ID", store.credentials().accessKey());
            friend.environment()
                    .put("AWS_SECRET_ACCESS_KEY", store.credentials().secretKey());
            Run missing = finish(friend);
            assertThat(missing.status).as(missing.output).isEqualTo(1);
            assertThat(missing.output)
                    .contains("dataset/lost is not ready: NoSuchBucket", "nowhere", url)
                    .doesNotContain("\tat ");
            try (var client = Stores.connect(store.config())) {
                assertThat(client.bucketExists("nowhere"))
                        .as("a source's bucket is its owner's")
                        .isFalse();
            }
        }
    }

    private record Run(int status, String output) {}

    private Run finish(ProcessBuilder builder) throws Exception {
        Process process = start(builder.redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }

    private Process start(ProcessBuilder builder) throws IOException {
        if (builder.redirectOutput() == ProcessBuilder.Redirect.PIPE && !builder.redirectErrorStream()) {
            builder.redirectErrorStream(true)
                    .redirectOutput(dir.resolve("output").toFile());
        }
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private ProcessBuilder tidemill(String... arguments) {
        List<String> command = new ArrayList<>(List.of(HOME.resolve("tidemill").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--data-dir", dir.resolve("data").toString()));
        return new ProcessBuilder(command).directory(HOME.toFile());
    }

    private static void read(InputStream in, StringBuilder into) {
        try (var reader = new java.io.InputStreamReader(in, StandardCharsets.UTF_8)) {
            for (int c = reader.read(); c >= 0; c = reader.read()) {
                into.append((char) c);
            }
        } catch (IOException _) {
            // The terminal is closed.
        }
    }

    private static boolean isThere(String program) {
        return Stream.of(Objects.requireNonNull(System.getenv("PATH")).split(":"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    /** Until it is so, or for longer than any machine needs. */
    private void await(Callable<Boolean> condition) throws Exception {
        for (int i = 0; !condition.call(); i++) {
            Path output = dir.resolve("output");
            assertThat(i).as(() -> "waited in vain; %s".formatted(said(output))).isLessThan(1800);
            Thread.sleep(100);
        }
    }

    private static String said(Path output) {
        try {
            return Files.exists(output) ? Files.readString(output) : "";
        } catch (IOException e) {
            return e.toString();
        }
    }

    private JsonNode dataset(String name) throws IOException {
        Path file = dir.resolve("data/resources/default/dataset/" + name + ".json");
        return Files.exists(file) ? JSON.readTree(file.toFile()) : JSON.missingNode();
    }

    /** Each part with the time at which it was written. */
    private Map<Path, Object> partsOf(String dataset) throws IOException {
        Path parts = dir.resolve("data/store/tidemill/default").resolve(dataset).resolve("parts");
        if (!Files.exists(parts)) {
            return Map.of();
        }
        try (Stream<Path> files = Files.list(parts)) {
            Map<Path, Object> found = new java.util.TreeMap<>();
            for (Path file : (Iterable<Path>) files::iterator) {
                found.put(file, Files.getLastModifiedTime(file));
            }
            return found;
        }
    }

    /** Answers with the key that it was sent; that of "hang" it works on for ever. Each of its lives leaves a line. */
    private static final String ECHO = """
            import com.sun.net.httpserver.HttpServer;
            import java.net.InetAddress;
            import java.net.InetSocketAddress;
            import java.nio.file.*;
            import java.util.concurrent.*;

            public class Echo {
                public static void main(String[] args) throws Exception {
                    Files.writeString(Path.of(System.getenv("LIVES")), ProcessHandle.current().pid() + "\\n",
                            StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                    var server = HttpServer.create(new InetSocketAddress(
                            InetAddress.getLoopbackAddress(), Integer.parseInt(System.getenv("PORT"))), 50);
                    server.setExecutor(Executors.newCachedThreadPool());
                    server.createContext("/", exchange -> {
                        String asked = new String(exchange.getRequestBody().readAllBytes());
                        if (asked.contains("words/hang")) {
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException e) {
                                throw new RuntimeException(e);
                            }
                        }
                        byte[] reply = "said\\n".getBytes();
                        exchange.getResponseHeaders().set("Content-Type", "text/plain");
                        exchange.sendResponseHeaders(200, reply.length);
                        exchange.getResponseBody().write(reply);
                        exchange.close();
                    });
                    server.start();
                }
            }
            """;

    private Path jar(String name, String source) throws IOException {
        Path folder = Files.createDirectories(dir.resolve("classes"));
        Path file = Files.writeString(folder.resolve(name + ".java"), source);
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", folder.toString(), file.toString()))
                .isZero();
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, name);
        Path jar = folder.resolve(name + ".jar");
        try (var out = new JarOutputStream(Files.newOutputStream(jar, StandardOpenOption.CREATE), manifest);
                Stream<Path> classes = Files.list(folder)) {
            for (Path compiled :
                    (Iterable<Path>) classes.filter(f -> f.toString().endsWith(".class"))::iterator) {
                out.putNextEntry(new JarEntry(compiled.getFileName().toString()));
                out.write(Files.readAllBytes(compiled));
                out.closeEntry();
            }
        }
        return jar;
    }
}
