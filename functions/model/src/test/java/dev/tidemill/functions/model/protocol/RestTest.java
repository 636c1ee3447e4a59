package dev.tidemill.functions.model.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.Serving;
import dev.tidemill.functions.model.tensor.Tensor;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** What is this server's own: types that an engine has, limits, and what becomes of neighbours of a request that fails. */
class RestTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void everyDatatypeComesBackAsItWasSent() throws Exception {
        String bounds = """
                {"id": "1", "inputs": [
                 {"name": "in_BOOL", "datatype": "BOOL", "shape": [1, 2], "data": [true, false]},
                 {"name": "in_UINT8", "datatype": "UINT8", "shape": [1, 2], "data": [0, 255]},
                 {"name": "in_UINT16", "datatype": "UINT16", "shape": [1, 2], "data": [0, 65535]},
                 {"name": "in_UINT32", "datatype": "UINT32", "shape": [1, 2], "data": [0, 4294967295]},
                 {"name": "in_UINT64", "datatype": "UINT64", "shape": [1, 2], "data": [0, 18446744073709551615]},
                 {"name": "in_INT8", "datatype": "INT8", "shape": [1, 2], "data": [-128, 127]},
                 {"name": "in_INT16", "datatype": "INT16", "shape": [1, 2], "data": [-32768, 32767]},
                 {"name": "in_INT32", "datatype": "INT32", "shape": [1, 2], "data": [-2147483648, 2147483647]},
                 {"name": "in_INT64", "datatype": "INT64", "shape": [1, 2], "data": [-9223372036854775808, 9223372036854775807]},
                 {"name": "in_FP16", "datatype": "FP16", "shape": [1, 2], "data": [0.5, -65504.0]},
                 {"name": "in_FP32", "datatype": "FP32", "shape": [1, 2], "data": [0.1, 3.4028235E38]},
                 {"name": "in_FP64", "datatype": "FP64", "shape": [1, 2], "data": [0.1, 1.7976931348623157E308]},
                 {"name": "in_BF16", "datatype": "BF16", "shape": [1, 2], "data": [1.5, -256.0]},
                 {"name": "in_BYTES", "datatype": "BYTES", "shape": [1, 2], "data": ["", "zwölf \\u0000 🌊"]}]}
                """;
        try (ServedModel model = Echo.served(Datatype.values());
                ServerUnderTest server = new ServerUnderTest(model)) {
            JsonNode sent = JSON.readTree(bounds).path("inputs");
            JsonNode given = JSON.readTree(infer(server, "echo", bounds).body()).path("outputs");
            assertThat(given).hasSize(Datatype.values().length);
            for (JsonNode input : sent) {
                JsonNode output = given.valueStream()
                        .filter(tensor -> tensor.path("name")
                                .asText()
                                .equals("out_" + input.path("datatype").asText()))
                        .findFirst()
                        .orElseThrow();
                assertThat(output.path("data").toString())
                        .isEqualTo(input.path("data").toString());
            }
        }
    }

    @Test
    void aValueBeyondItsTypeIsRefused() throws Exception {
        try (ServedModel model = Echo.served(Datatype.UINT8);
                ServerUnderTest server = new ServerUnderTest(model)) {
            for (String data : List.of("[256, 0]", "[-1, 0]", "[1.0, 0]", "[1e30, 0]", "[99999999999999999999, 0]")) {
                String request =
                        "{\"inputs\": [{\"name\": \"in_UINT8\", \"datatype\": \"UINT8\", \"shape\": [1, 2], \"data\": "
                                + data + "}]}";
                HttpResponse<String> reply = infer(server, "echo", request);
                assertThat(reply.statusCode()).as(data).isEqualTo(400);
                assertThat(reply.body()).contains("element 0").contains("is no UINT8");
            }
        }
    }

    @Test
    void whatIsNotFiniteTravelsAsBytesAndIsRefusedAsJson() throws Exception {
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model)) {
            byte[] nan = ByteBuffer.allocate(8)
                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                    .putFloat(Float.NaN)
                    .putFloat(Float.NEGATIVE_INFINITY)
                    .array();
            HttpResponse<byte[]> bytes = binary(server, nan, true);
            int header = Integer.parseInt(
                    bytes.headers().firstValue(RestRoutes.JSON_LENGTH).orElseThrow());
            assertThat(Arrays.copyOfRange(bytes.body(), header, bytes.body().length))
                    .isEqualTo(nan);

            HttpResponse<byte[]> json = binary(server, nan, false);
            assertThat(json.statusCode()).isEqualTo(400);
            assertThat(new String(json.body(), StandardCharsets.UTF_8))
                    .contains("NaN")
                    .contains("binary_data_output");
        }
    }

    @Test
    void saysWhereABodyEndsThatIsCut() throws Exception {
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model)) {
            HttpResponse<String> reply = infer(server, "echo", "{\"id\": \"1\", \"inputs\": [");
            assertThat(reply.statusCode()).isEqualTo(400);
            assertThat(reply.body())
                    .contains("line 1, column ")
                    .contains("byte ")
                    .doesNotContain("Source", "REDACTED");
        }
    }

    private HttpResponse<byte[]> binary(ServerUnderTest server, byte[] data, boolean binaryOutput) throws Exception {
        byte[] header = """
                {"parameters": {"binary_data_output": %s},
                 "inputs": [{"name": "in_FP32", "datatype": "FP32", "shape": [1, 2], "parameters": {"binary_data_size": %d}}]}
                """.formatted(binaryOutput, data.length).getBytes(StandardCharsets.UTF_8);
        return client.send(
                HttpRequest.newBuilder(path(server, "echo"))
                        .header(RestRoutes.JSON_LENGTH, Integer.toString(header.length))
                        .POST(BodyPublishers.concat(
                                BodyPublishers.ofByteArray(header), BodyPublishers.ofByteArray(data)))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    @Test
    void aBodyBeyondTheLimitIsRefusedAndTheServerGoesOn() throws Exception {
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model)) {
            byte[] large = new byte[(int) ServerUnderTest.MOST_BYTES + 1];
            HttpResponse<String> known = client.send(
                    HttpRequest.newBuilder(path(server, "echo"))
                            .POST(BodyPublishers.ofByteArray(large))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> chunked = client.send(
                    HttpRequest.newBuilder(path(server, "echo"))
                            .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(known.statusCode()).isEqualTo(413);
            assertThat(chunked.statusCode()).isEqualTo(413);
            assertThat(JSON.readTree(known.body()).path("error").asText()).contains("at most 1048576 bytes");
            assertThat(infer(server, "echo", echoed(1)).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aClientThatHangsUpHalfWayHarmsNobody() throws Exception {
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model)) {
            for (int i = 0; i < 20; i++) {
                try (Socket socket = new Socket("127.0.0.1", server.port());
                        OutputStream out = socket.getOutputStream()) {
                    out.write("POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"inp"
                            .getBytes(StandardCharsets.US_ASCII));
                }
            }
            assertThat(infer(server, "echo", echoed(1)).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whenTooMuchWaitsTheClientIsToldToComeBack() throws Exception {
        Semaphore closed = new Semaphore(0);
        try (ServedModel model = Echo.busy(closed, 2);
                ServerUnderTest server = new ServerUnderTest(model)) {
            List<CompletableFuture<HttpResponse<String>>> replies = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                replies.add(client.sendAsync(
                        HttpRequest.newBuilder(path(server, "echo"))
                                .POST(BodyPublishers.ofString(echoed(i)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString()));
            }
            // Two wait and one is being computed; the others are answered while nothing is let through.
            CompletableFuture.anyOf(replies.toArray(CompletableFuture[]::new)).join();
            closed.release();
            List<HttpResponse<String>> done =
                    replies.stream().map(CompletableFuture::join).toList();
            assertThat(done).filteredOn(reply -> reply.statusCode() == 200).hasSizeBetween(2, 11);
            assertThat(done)
                    .filteredOn(reply -> reply.statusCode() != 200)
                    .isNotEmpty()
                    .allSatisfy(reply -> {
                        assertThat(reply.statusCode()).isEqualTo(503);
                        assertThat(reply.headers().firstValue("Retry-After")).contains("1");
                        assertThat(JSON.readTree(reply.body()).path("error").asText())
                                .contains("wait already");
                    });
        }
    }

    @Test
    void inputsComeInAnyOrderAndWhatIsOptionalMayBeNull() throws Exception {
        try (ServedModel model = Echo.served(Datatype.INT8, Datatype.BOOL);
                ServerUnderTest server = new ServerUnderTest(model)) {
            JsonNode reply = JSON.readTree(infer(server, "echo", """
                    {"id": null, "parameters": null, "outputs": null, "inputs": [
                     {"name": "in_BOOL", "datatype": "BOOL", "shape": [1, 2], "data": [[true, false]], "parameters": null},
                     {"data": [[3, 4]], "name": "in_INT8", "datatype": "INT8", "shape": [1, 2]}]}
                    """).body());
            assertThat(reply.path("outputs").get(0).path("data").toString()).isEqualTo("[3,4]");
            assertThat(reply.path("outputs").get(1).path("data").toString()).isEqualTo("[true,false]");
            assertThat(reply.has("id")).isFalse();
        }
    }

    @Test
    void parametersComeBackAndThoseOfForeignExtensionsAreRefused() throws Exception {
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model)) {
            String parameters = "{\"a\":1,\"b\":[\"c\",{\"d\":null}]}";
            JsonNode reply = JSON.readTree(
                    infer(server, "echo", echoed(1).replaceFirst("\\{", "{\"parameters\": " + parameters + ", "))
                            .body());
            assertThat(reply.path("parameters").toString()).isEqualTo(parameters);

            for (String output : List.of(
                    "{\"name\": \"out_FP32\", \"parameters\": {\"classification\": 1}}",
                    "{\"name\": \"out_FP32\", \"parameters\": {\"shared_memory_region\": \"r\"}}")) {
                HttpResponse<String> refused =
                        infer(server, "echo", echoed(1).replaceFirst("\\{", "{\"outputs\": [" + output + "], "));
                assertThat(refused.statusCode()).isEqualTo(400);
                assertThat(refused.body()).contains("extension", "binary_tensor_data");
            }
        }
    }

    @Test
    void binaryOutputsOfNoBytesAreAnnouncedToo() throws Exception {
        RestCodec.Body body = RestCodec.write(
                new InferRequest(null, Map.of(), List.of(), List.of(), true),
                "boxes",
                "1",
                List.of(new Tensor("boxes", Datatype.FP32, new long[] {0, 4}, ByteBuffer.allocate(0))));
        assertThat(body.binary()).isTrue();
        assertThat(body.jsonLength()).isEqualTo(body.bytes().length);
        assertThat(JSON.readTree(body.bytes())
                        .path("outputs")
                        .get(0)
                        .path("parameters")
                        .path("binary_data_size")
                        .asInt(-1))
                .isZero();
    }

    @Test
    void compressedBodiesAreUnpackedAndBrokenOnesRefused() throws Exception {
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model)) {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
                gzip.write(echoed(7).getBytes(StandardCharsets.UTF_8));
            }
            assertThat(encoded(server, "gzip", packed.toByteArray()).statusCode())
                    .isEqualTo(200);
            ByteArrayOutputStream deflated = new ByteArrayOutputStream();
            try (DeflaterOutputStream deflate = new DeflaterOutputStream(deflated)) {
                deflate.write(echoed(7).getBytes(StandardCharsets.UTF_8));
            }
            assertThat(encoded(server, "deflate", deflated.toByteArray()).statusCode())
                    .isEqualTo(200);
            byte[] broken = packed.toByteArray();
            broken[broken.length / 2] ^= 0x55;
            assertThat(encoded(server, "gzip", broken).statusCode()).isEqualTo(400);
            HttpResponse<String> unknown = encoded(server, "zstd", packed.toByteArray());
            assertThat(unknown.statusCode()).isEqualTo(415);
            assertThat(unknown.headers().firstValue("Accept-Encoding")).contains("gzip, deflate");

            ByteArrayOutputStream bomb = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
                gzip.write(new byte[1 << 26]);
            }
            assertThat(encoded(server, "gzip", bomb.toByteArray()).statusCode()).isEqualTo(413);
            assertThat(infer(server, "echo", echoed(1)).statusCode()).isEqualTo(200);
        }
    }

    private HttpResponse<String> encoded(ServerUnderTest server, String encoding, byte[] body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(path(server, "echo"))
                        .header("Content-Encoding", encoding)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void whoAsksFirstIsToldBeforeTheBodyIsSent() throws Exception {
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model)) {
            byte[] body = echoed(1).getBytes(StandardCharsets.UTF_8);
            assertThat(firstLine(server, body.length)).contains("100 Continue");
            assertThat(firstLine(server, ServerUnderTest.MOST_BYTES + 1)).contains("413");
            assertThat(client.send(
                                    HttpRequest.newBuilder(path(server, "echo"))
                                            .version(HttpClient.Version.HTTP_1_1)
                                            .expectContinue(true)
                                            .POST(BodyPublishers.ofByteArray(body))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    private static String firstLine(ServerUnderTest server, long length) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write(("POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: "
                                    + length + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }

    @Test
    void bodiesThatTogetherWouldTakeTheMemoryAreToldToComeBack() throws Exception {
        int most = (int) (ServerUnderTest.MOST_MEMORY / ServerUnderTest.MOST_BYTES);
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model)) {
            List<Socket> half = new ArrayList<>();
            byte[] head = "POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                    .formatted(ServerUnderTest.MOST_BYTES)
                    .getBytes(StandardCharsets.US_ASCII);
            try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
                CompletableFuture<String> refused = new CompletableFuture<>();
                for (int i = 0; i < most + 2; i++) {
                    Socket socket = new Socket("127.0.0.1", server.port());
                    socket.setSoTimeout(60_000);
                    half.add(socket);
                    readers.execute(() -> {
                        try {
                            byte[] answer = new byte[200];
                            int count = socket.getInputStream().read(answer);
                            refused.complete(new String(answer, 0, Math.max(0, count), StandardCharsets.US_ASCII));
                        } catch (IOException _) {
                            // Closed below.
                        }
                    });
                    socket.getOutputStream().write(head);
                    socket.getOutputStream().write(new byte[(int) ServerUnderTest.MOST_BYTES - 1]);
                }
                assertThat(refused.get(60, TimeUnit.SECONDS))
                        .startsWith("HTTP/1.1 503")
                        .contains("etry-");
                for (Socket socket : half) {
                    socket.close();
                }
            }
            // What they had taken is given back when the server hears of it.
            assertThat(becomes(true, () -> later(server, 1).join().statusCode() == 200))
                    .isTrue();
        }
    }

    @Test
    void whoHangsUpWhileTheRequestWaitsLeavesTheQueue() throws Exception {
        Semaphore closed = new Semaphore(0);
        try (ServedModel model = Echo.busy(closed, 2);
                ServerUnderTest server = new ServerUnderTest(model)) {
            occupy(model, closed);
            List<Socket> clients = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                byte[] body = echoed(i).getBytes(StandardCharsets.UTF_8);
                Socket socket = new Socket("127.0.0.1", server.port());
                clients.add(socket);
                socket.getOutputStream()
                        .write("POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                                .formatted(body.length)
                                .getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().write(body);
            }
            assertThat(becomes(true, () -> model.counts().waiting() == 2)).isTrue();
            for (Socket socket : clients) {
                socket.close();
            }
            assertThat(becomes(true, () -> model.counts().waiting() == 0)).isTrue();
            closed.release();
            assertThat(infer(server, "echo", echoed(1)).statusCode()).isEqualTo(200);
        }
    }

    /** Over HTTP/2, where one connection has the requests of many clients: before, amid and after the body, and while it waits. */
    @Test
    void aRequestThatIsTakenBackLeavesTheConnectionToTheOthers() throws Exception {
        Semaphore closed = new Semaphore(0);
        byte[] body = echoed(1).getBytes(StandardCharsets.UTF_8);
        String infer = "/v2/models/echo/infer";
        try (ServedModel model = Echo.busy(closed, 8);
                ServerUnderTest server = new ServerUnderTest(model);
                Frames frames = new Frames(server.port())) {
            CompletableFuture<?> first = occupy(model, closed);
            frames.send(
                    Frames.head(1, true, "GET", "/v2/models/echo"),
                    Frames.cancel(1),
                    Frames.head(3, false, "POST", infer),
                    Frames.cancel(3),
                    Frames.head(5, false, "POST", infer),
                    Frames.data(5, false, Arrays.copyOf(body, 9)),
                    Frames.cancel(5),
                    Frames.head(7, false, "POST", infer),
                    Frames.data(7, true, body),
                    Frames.cancel(7));
            for (int stream = 9; stream <= 11; stream += 2) {
                frames.send(Frames.head(stream, false, "POST", infer), Frames.data(stream, true, body));
            }
            assertThat(becomes(true, () -> model.counts().waiting() == 2)).isTrue();
            frames.send(Frames.cancel(9), Frames.cancel(11));
            assertThat(becomes(true, () -> model.counts().waiting() == 0)).isTrue();

            frames.send(Frames.head(13, false, "POST", infer), Frames.data(13, true, body));
            closed.release();
            frames.await(13, Frames.DATA, Frames.END_STREAM);
            assertThat(first).succeedsWithin(1, TimeUnit.MINUTES);
        }
    }

    private CompletableFuture<HttpResponse<String>> later(ServerUnderTest server, int value) {
        return client.sendAsync(
                HttpRequest.newBuilder(path(server, "echo"))
                        .POST(BodyPublishers.ofString(echoed(value)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Has the model compute a request until {@code closed} has a permit. */
    private static CompletableFuture<?> occupy(ServedModel model, Semaphore closed) throws InterruptedException {
        CompletableFuture<?> computed =
                model.infer(List.of(new Tensor("in_FP32", Datatype.FP32, new long[] {1, 2}, ByteBuffer.allocate(8))));
        assertThat(becomes(true, () -> closed.getQueueLength() > 0)).isTrue();
        return computed;
    }

    private static boolean becomes(boolean wanted, BooleanSupplier state) throws InterruptedException {
        for (int i = 0; i < 600; i++) {
            if (state.getAsBoolean() == wanted) {
                return true;
            }
            Thread.sleep(100);
        }
        return false;
    }

    @Test
    void whileTheModelIsLoadedItIsLiveAndNotReady() throws Exception {
        try (ServerUnderTest server = new ServerUnderTest(new Serving(), _ -> {})) {
            for (String path : List.of("/v2/health/ready", "/v2/models/digits/ready")) {
                HttpResponse<String> ready = get(server, path);
                assertThat(ready.statusCode()).isEqualTo(503);
                assertThat(JSON.readTree(ready.body()).path("ready").asBoolean(true))
                        .isFalse();
            }
            assertThat(get(server, "/v2/health/live").statusCode()).isEqualTo(200);
            HttpResponse<String> infer = infer(server, "digits", echoed(1));
            assertThat(infer.statusCode()).isEqualTo(503);
            assertThat(infer.headers().firstValue("Retry-After")).contains("1");
        }
    }

    /** So that its pod is started again: the device does not come back in this process. */
    @Test
    void aModelThatCannotComputeAnyMoreIsNeitherLiveNorReady() throws Exception {
        try (ServedModel model = Echo.dead();
                ServerUnderTest server = new ServerUnderTest(model)) {
            for (String path : List.of("/v2/health/live", "/v2/health/ready", "/v2/models/echo/ready")) {
                assertThat(get(server, path).statusCode()).as(path).isEqualTo(503);
            }
            assertThat(get(server, "/metrics").body()).contains("tidemill_model_ready 0");
        }
    }

    private HttpResponse<String> get(ServerUnderTest server, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(server.url().resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void tellsWhatItHasDoneByTheNamesOfTheReference() throws Exception {
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model)) {
            infer(server, "echo", echoed(1));
            infer(server, "echo", "no request");
            // An answer is counted when it has gone.
            assertThat(becomes(true, () -> metrics(server).contains("tidemill_model_request_seconds_count 2\n")))
                    .isTrue();
            String metrics = metrics(server);
            assertThat(metrics)
                    .contains(
                            "tidemill_model_requests_total{transport=\"rest\",status=\"200\"} 1\n",
                            "tidemill_model_requests_total{transport=\"rest\",status=\"400\"} 1\n",
                            "tidemill_model_rows_total 1\n",
                            "tidemill_model_held_bytes 0\n",
                            "tidemill_model_ready 1\n");
            String reference = Files.readString(Path.of("../../docs/reference/model-server.md"));
            assertThat(names(metrics, "# TYPE (\\S+) "))
                    .containsExactlyInAnyOrderElementsOf(names(reference, "`(tidemill_model_\\w+)`"));
        }
    }

    private String metrics(ServerUnderTest server) {
        return client.sendAsync(
                        HttpRequest.newBuilder(server.url().resolve("/metrics")).build(),
                        HttpResponse.BodyHandlers.ofString())
                .join()
                .body();
    }

    private static List<String> names(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    @Test
    void parametersThatWouldTakeMuchMemoryAreRefused() throws Exception {
        try (ServedModel model = Echo.served(Datatype.FP32);
                ServerUnderTest server = new ServerUnderTest(model)) {
            String many = "\"a\": 1, ".repeat(20_000) + "\"b\": 2";
            HttpResponse<String> refused =
                    infer(server, "echo", echoed(1).replaceFirst("\\{", "{\"parameters\": {" + many + "}, "));
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("at most are read");
        }
    }

    @Test
    void aRequestThatTheGraphRefusesLeavesItsBatchAlone() throws Exception {
        try (ServedModel model = Models.load(Models.config(
                        Format.PyTorch,
                        Models.FOLDER.resolve("embedding.pt"),
                        List.of(Models.tensor("index", Datatype.INT64, -1, 2)),
                        List.of(Models.tensor("sum", Datatype.FP32, -1, 4)),
                        64));
                ServerUnderTest server = new ServerUnderTest(model)) {
            List<CompletableFuture<HttpResponse<String>>> replies = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String request =
                        "{\"id\": \"%d\", \"inputs\": [{\"name\": \"index\", \"datatype\": \"INT64\", \"shape\": [1, 2], \"data\": [%d, 0]}]}"
                                .formatted(i, i == 41 ? 100 : i);
                replies.add(client.sendAsync(
                        HttpRequest.newBuilder(path(server, "embedding"))
                                .POST(BodyPublishers.ofString(request))
                                .build(),
                        HttpResponse.BodyHandlers.ofString()));
            }
            for (int i = 0; i < 64; i++) {
                HttpResponse<String> reply = replies.get(i).join();
                JsonNode body = JSON.readTree(reply.body());
                if (i == 41) {
                    assertThat(reply.statusCode()).isEqualTo(500);
                    assertThat(body.path("error").asText()).contains("index out of range");
                } else {
                    assertThat(body.path("id").asText()).isEqualTo(Integer.toString(i));
                    assertThat(body.path("outputs").get(0).path("data").get(0).asInt())
                            .isEqualTo(4 * i);
                }
            }
        }
    }

    private static String echoed(int value) {
        return "{\"inputs\": [{\"name\": \"in_FP32\", \"datatype\": \"FP32\", \"shape\": [1, 2], \"data\": [%d, 0]}]}"
                .formatted(value);
    }

    private static URI path(ServerUnderTest server, String model) {
        return server.url().resolve("/v2/models/" + model + "/infer");
    }

    private HttpResponse<String> infer(ServerUnderTest server, String model, String request) throws Exception {
        return client.send(
                HttpRequest.newBuilder(path(server, model))
                        .POST(BodyPublishers.ofString(request))
                        .build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }
}
