package dev.tidemill.local;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lambda handlers by the launcher, with numpy and the runtime interface client that AWS publishes. */
class LambdaIT {

    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    @BeforeAll
    static void installTheClientOnce() throws Exception {
        Python.install();
    }

    @Test
    void twentyShardsThroughAnUnmodifiedHandlerHaveTheMeanThatNumpyFinds() throws Exception {
        Run run = tidemill("run", "k8s/examples/05-lambda.yaml");
        assertThat(run.status).as(run.output).isZero();
        JsonNode result = JSON.readTree(dir.resolve("data/resources/default/dataset/lambda-average.json")
                        .toFile())
                .path("status")
                .path("result");
        assertThat(result.path("count").asInt()).isEqualTo(1000);
        List<Path> objects = objects("lambda-data");
        assertThat(objects).hasSize(20);
        String numpy = Python.run(Stream.concat(
                        Stream.of(
                                Python.executable(),
                                "-c",
                                "import sys, numpy; print(repr(float(numpy.mean(numpy.concatenate("
                                        + "[numpy.loadtxt(f, skiprows=1, ndmin=1) for f in sys.argv[1:]])))))"),
                        objects.stream().map(Path::toString))
                .toList());
        assertThat(result.path("mean").asDouble()).isCloseTo(Double.parseDouble(numpy.strip()), within(1e-15));
    }

    @Test
    void theArticlesHandlerAndItsBindingRunAsTheyAreWritten() throws Exception {
        Path yaml = article();
        Run run = tidemill("run", yaml.toString());
        assertThat(run.status).as(run.output).isZero();
        List<Path> results = objects("test-data-lambda-function");
        assertThat(results).hasSize(20);
        List<Double> means = new ArrayList<>();
        for (Path result : results) {
            means.add(Double.valueOf(Files.readString(result)));
        }
        List<Double> printed = Files.readAllLines(log("lambda-function")).stream()
                .filter(line -> line.startsWith("numpy says "))
                .map(line -> Double.valueOf(line.substring("numpy says ".length())))
                .toList();
        assertThat(printed).as("what numpy found in each call").containsExactlyInAnyOrderElementsOf(means);
    }

    @Test
    void aHandlerWhoseClientIsNotInstalledIsToldHowToInstallIt() throws Exception {
        Path yaml = article();
        ProcessBuilder without = command("run", yaml.toString());
        without.environment().remove("VIRTUAL_ENV");
        Run run = finish(without);
        assertThat(run.status).isEqualTo(1);
        assertThat(run.output)
                .contains("function lambda-function needs AWS' runtime interface client for Python")
                .contains(".venv/bin/pip install awslambdaric");
    }

    @Test
    void anEventReachesItsFunctionOrLiesInTheDeadLettersUntilItIsRedriven() throws Exception {
        Path handler = Files.createDirectories(dir.resolve("handler")).resolve("fussy.py");
        Files.writeString(handler, "def handler(event, context):\n    return event['detail']['nosuchmember']\n");
        Path yaml = Files.writeString(dir.resolve("fussy.yaml"), """
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata:
                  name: fussy
                  annotations: {tidemill.dev/local: handler/fussy.py}
                spec:
                  image: registry.example/fussy:1
                  runtime: Lambda
                  handler: fussy.handler
                  data:
                    - {name: rand_data, bucket: lake, s3Prefix: test-data}
                  events:
                    - {name: mine, filter: {source: aws.lambda}, detail: {functionName: [fussy]}}
                """);
        assertThat(tidemill("run", yaml.toString()).status).isZero();

        Run nobodys = send("{\"functionName\": \"another\"}");
        assertThat(nobodys.output).contains("no function that was run here declares this event");
        Run dead = send("{\"functionName\": \"fussy\"}");
        assertThat(dead.status).as(dead.output).isEqualTo(1);
        assertThat(dead.output).contains("KeyError").contains("was not taken by fussy-mine");
        assertThat(tidemill("logs", "function/fussy", "--tail", "3").output).contains("KeyError");

        Files.writeString(handler, "def handler(event, context):\n    return event\n");
        Run redriven = tidemill("redrive", "deadletters");
        assertThat(redriven.status).as(redriven.output).isZero();
        assertThat(redriven.output).contains("1 events were taken, 0 are left");
        Run direct = tidemill("invoke", "function/fussy");
        assertThat(direct.status).as(direct.output).isZero();
        assertThat(JSON.readTree(direct.output)
                        .path("function_data")
                        .path("rand_data")
                        .path("s3_prefix")
                        .asText())
                .isEqualTo("test-data/");
        assertThat(tidemill("invoke", "function/fussy", "--data", "[1, 2]")
                        .output
                        .strip())
                .isEqualTo("[1, 2]");
    }

    @Test
    void aZipFromTheStoreIsCalledAtItsPathAndByItsSchedule() throws Exception {
        byte[] zip = zip("report.py", """
                import json

                def handler(event, context):
                    if "requestContext" in event:
                        return {"statusCode": 202, "headers": {"X-Kind": "report"}, "body": event["rawPath"]}
                    return event
                """);
        Path object = dir.resolve("data/store/lake/code/report.zip");
        Files.createDirectories(object.getParent());
        Files.write(object, zip);
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(zip));
        Path yaml = dir.resolve("report.yaml");
        String template = """
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata: {name: report}
                spec:
                  code: {bucket: lake, key: code/report.zip, sha256: "%s"}
                  runtimeImage: registry.example/python:3
                  runtime: Lambda
                  handler: report.handler
                  path: /reports
                  events: [{name: nightly, schedule: 0 2 * * *}]
                """;
        Files.writeString(yaml, template.formatted("0".repeat(64)));
        Run other = tidemill("run", yaml.toString());
        assertThat(other.status).isEqualTo(1);
        assertThat(other.output).contains("has the SHA-256 " + digest + ", not the one in spec.code");

        Files.writeString(yaml, template.formatted(digest));
        Process run = command("run", "--watch", yaml.toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader lines = run.inputReader()) {
            String line = lines.readLine();
            StringBuilder output = new StringBuilder();
            while (line != null && !line.contains("answers at ")) {
                output.append(line).append('\n');
                line = lines.readLine();
            }
            assertThat(line).as(output.toString()).isNotNull();
            URI address = URI.create(line.replaceFirst(".*answers at ", ""));
            assertThat(address.getPath()).isEqualTo("/reports");
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(address.resolve("/reports/2026"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
            assertThat(answer.headers().firstValue("x-kind")).contains("report");
            assertThat(answer.body()).isEqualTo("/reports/2026");
        } finally {
            run.destroy();
            run.waitFor();
        }

        Run ping = tidemill(
                "send",
                "--type",
                "dev.knative.sources.ping",
                "--source",
                "/apis/v1/namespaces/default/pingsources/report.nightly");
        assertThat(ping.status).as(ping.output).isZero();
        assertThat(ping.output)
                .contains("report-nightly: ", "\"detail-type\": \"Scheduled Event\"", "\"source\": \"aws.events\"");
    }

    @Test
    void aJavaZipRunsWithTheClientBesideItsDeclaration() throws Exception {
        Path lib = Files.createDirectories(dir.resolve("lib"));
        for (String jar : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            String name = Path.of(jar).getFileName().toString();
            if (name.matches("(aws-lambda-java-|utils-lite-).*")) {
                Files.copy(Path.of(jar), lib.resolve(name));
            }
        }
        assertThat(lib).isNotEmptyDirectory();
        String type = Greeter.class.getName().replace('.', '/') + ".class";
        try (var in = Greeter.class.getResourceAsStream("/" + type)) {
            assertGreets(
                    Greeter.class.getName() + "::greet",
                    zip(type, requireNonNull(in).readAllBytes()));
        }
    }

    @Test
    void aNodeZipRunsWithTheClientBesideItsDeclaration() throws Exception {
        Path installed = HOME.resolve("functions/lambda/target/clients/node");
        assumeThat(installed.resolve("installed"))
                .as("NOT SHOWN here: a zip in Node; run the tests of functions/lambda with -Dlambda.clients=node first")
                .exists();
        Files.createSymbolicLink(dir.resolve("node_modules"), installed.resolve("node_modules"));
        String handler = "export const greet = async (event) => ({ greeting: `hello ${event.name}` });\n";
        assertGreets("greeter.greet", zip("greeter.mjs", handler.getBytes(StandardCharsets.UTF_8)));
    }

    private void assertGreets(String handler, byte[] zip) throws Exception {
        Path object = dir.resolve("data/store/lake/code/greeter.zip");
        Files.createDirectories(object.getParent());
        Files.write(object, zip);
        Path yaml = Files.writeString(dir.resolve("greeter.yaml"), """
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata: {name: greeter}
                spec:
                  code: {bucket: lake, key: code/greeter.zip, sha256: "%s"}
                  runtimeImage: registry.example/runtime:1
                  runtime: Lambda
                  handler: %s
                  timeout: 1m
                """.formatted(
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(zip)), handler));
        Run run = tidemill("run", yaml.toString());
        assertThat(run.status).as(run.output).isZero();
        Run answer = tidemill("invoke", "function/greeter", "--data", "{\"name\": \"tide\"}");
        assertThat(answer.status).as(answer.output).isZero();
        assertThat(JSON.readTree(answer.output).path("greeting").asText()).isEqualTo("hello tide");
    }

    @Test
    void aLargeObjectIsHandedOverWholeAndOnceToAHandlerThatKnowsNoRanges() throws Exception {
        byte[] row = "0.25,a row of a table that is too large for one look at it\n".getBytes(StandardCharsets.UTF_8);
        int rows = 200_000_000 / row.length;
        Path object = dir.resolve("data/store/lake/big/table.csv");
        Files.createDirectories(object.getParent());
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(object), 1 << 20)) {
            out.write("x,note\n".getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < rows; i++) {
                out.write(row);
            }
        }
        Path handler = Files.createDirectories(dir.resolve("handler")).resolve("count.py");
        Files.writeString(handler, """
                import boto3

                s3 = boto3.client("s3")

                def handler(event, context):
                    (table,) = event["function_data"].values()
                    lines = 0
                    for o in table["objects"]:
                        print("called for", o["key"], o["offset"], o["length"])
                        body = s3.get_object(Bucket=table["bucket"], Key=o["key"])["Body"]
                        lines += sum(chunk.count(b"\\n") for chunk in body.iter_chunks(1 << 20))
                    return {"lines": lines}
                """);
        Path yaml = Files.writeString(dir.resolve("big.yaml"), """
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: table}
                spec:
                  source: {bucket: lake, prefix: big/}
                  partition: {targetBytes: 16Mi, split: Records}
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata:
                  name: count
                  annotations: {tidemill.dev/local: handler/count.py}
                spec:
                  image: registry.example/count:1
                  runtime: Lambda
                  handler: count.handler
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: lines}
                spec:
                  from: {dataset: table, function: count}
                  output: {bucket: lake, prefix: lines/, format: Raw}
                  format: {type: Raw}
                """);
        Run run = tidemill("run", yaml.toString());
        assertThat(run.status).as(run.output).isZero();
        assertThat(objects("lines"))
                .singleElement()
                .satisfies(result -> assertThat(
                                JSON.readTree(result.toFile()).path("lines").asInt())
                        .isEqualTo(rows + 1));
        assertThat(Files.readAllLines(log("count")))
                .filteredOn(line -> line.startsWith("called for"))
                .containsExactly("called for big/table.csv 0 " + Files.size(object));
    }

    private static byte[] zip(String name, String text) throws IOException {
        return zip(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] zip(String name, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return bytes.toByteArray();
    }

    private Run send(String data) throws Exception {
        return tidemill("send", "--type", "my_event", "--source", "aws.lambda", "--data", data);
    }

    /** The article's files, its binding and its event, over twenty objects that are in the store; calculate_mean is a module beside them. */
    private Path article() throws IOException {
        Path handler = Files.createDirectories(dir.resolve("handler"));
        Files.copy(HOME.resolve("k8s/examples/lambda/lambda_function.py"), handler.resolve("lambda_function.py"));
        Files.writeString(handler.resolve("sitecustomize.py"), """
                import builtins

                def calculate_mean(data):
                    import numpy
                    mean = float(numpy.mean(data))
                    print("numpy says", repr(mean))
                    return mean

                builtins.calculate_mean = calculate_mean
                """);
        for (int i : IntStream.range(0, 20).toArray()) {
            Path object = dir.resolve("data/store/lake/test-data/" + i + ".csv");
            Files.createDirectories(object.getParent());
            Files.writeString(object, "x\n0." + i + "\n");
        }
        return Files.writeString(dir.resolve("article.yaml"), """
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata:
                  name: lambda-function
                  annotations: {tidemill.dev/local: handler/lambda_function.py}
                spec:
                  image: registry.example/lambda-function:1
                  runtime: Lambda
                  handler: lambda_function.lambda_handler
                  env: [{name: PYTHONPATH, value: .}]
                  data:
                    - {name: rand_data, type: AWS_S3_Prefix, bucket: lake, s3Prefix: test-data, scale: 20}
                  events:
                    - name: my-event
                      filter: {source: aws.lambda}
                      detail: {functionName: lambda_function}
                  timeout: 1m
                """);
    }

    private Path log(String function) {
        return dir.resolve("data/logs/default." + function + ".log");
    }

    private List<Path> objects(String folder) throws IOException {
        try (var files = Files.walk(dir.resolve("data/store/lake/" + folder))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains("_tidemill"))
                    .sorted()
                    .toList();
        }
    }

    private record Run(int status, String output) {}

    private Run tidemill(String... arguments) throws Exception {
        return finish(command(arguments));
    }

    private ProcessBuilder command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(HOME.resolve("tidemill").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--data-dir", dir.resolve("data").toString()));
        ProcessBuilder builder = new ProcessBuilder(command).directory(HOME.toFile());
        builder.environment().remove("JAVA_HOME");
        builder.environment().putAll(Map.of("VIRTUAL_ENV", Python.PLACE.toString()));
        return builder;
    }

    private static Run finish(ProcessBuilder builder) throws Exception {
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }
}
