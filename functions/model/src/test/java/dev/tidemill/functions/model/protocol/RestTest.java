package dev.tidemill.functions.model.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.batch.Batcher;
import dev.tidemill.functions.model.graph.Graph;
import dev.tidemill.functions.model.tensor.Tensor;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is this server's own: types that an engine has, limits, and what becomes of neighbours of a request that fails. */
class RestTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private final HttpClient client = HttpClient.newHttpClient();

    /** Gives its inputs back under the names of its outputs. */
    private record Echo(ModelSpec spec, Semaphore allowed) implements Graph {
        @Override
        public List<Tensor> run(List<Tensor> inputs) {
            allowed.acquireUninterruptibly();
            allowed.release();
            return IntStream.range(0, inputs.size())
                    .mapToObj(i -> inputs.get(i).named(spec.outputs().get(i).name()))
                    .toList();
        }

        @Override
        public String device() {
            return "cpu";
        }

        @Override
        public String platform() {
            return "echo";
        }

        @Override
        public void close() {}
    }

    private static ServedModel echo(Semaphore allowed, Batcher.Limits limits, Datatype... datatypes) {
        ModelSpec spec = Models.config(
                        Format.ONNX,
                        Models.FOLDER.resolve("identity.onnx"),
                        Arrays.stream(datatypes)
                                .map(type -> Models.tensor("in_" + type, type, -1, 2))
                                .toList(),
                        Arrays.stream(datatypes)
                                .map(type -> Models.tensor("out_" + type, type, -1, 2))
                                .toList(),
                        4)
                .model()
                .spec();
        return new ServedModel("echo", "1", spec, new Echo(spec, allowed), limits);
    }

    private static final Batcher.Limits WIDE = new Batcher.Limits(4, Duration.ZERO, 1, 100, 1 << 24);

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
        try (ServedModel model = echo(new Semaphore(1), WIDE, Datatype.values());
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
        try (ServedModel model = echo(new Semaphore(1), WIDE, Datatype.UINT8);
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
        try (ServedModel model = echo(new Semaphore(1), WIDE, Datatype.FP32);
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
        try (ServedModel model = echo(new Semaphore(1), WIDE, Datatype.FP32);
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
        try (ServedModel model = echo(new Semaphore(1), WIDE, Datatype.FP32);
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
        try (ServedModel model = echo(closed, new Batcher.Limits(1, Duration.ZERO, 1, 2, 1 << 20), Datatype.FP32);
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
