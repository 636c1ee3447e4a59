package dev.tidemill.functions.model.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.ServedModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the REST part of the Open Inference Protocol v2 says, asked of any server: it knows of the model what the server's metadata says.
 *
 * <pre>./mvnw -pl functions/model test -Dtest=ConformanceTest -Dconformance.url=http://localhost:8000 -Dconformance.model=digits</pre>
 *
 * Through a gateway that goes by the host's name, {@code -Dconformance.host} says which one is meant. Without these settings the routes of this module are asked, with a model that is made of ONNX's digits.
 */
class ConformanceTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    static {
        // Read once, by the first client: without it nobody but the client itself names the host.
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    }

    // An offer to speak HTTP/2 instead is not something that every gateway understands.
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static URI server = URI.create(System.getProperty("conformance.url", ""));
    private static final String HOST = System.getProperty("conformance.host", "");
    private static String model = System.getProperty("conformance.model", "digits");
    private static AutoCloseable own = () -> {};

    @BeforeAll
    static void start() {
        if (server.toString().isEmpty()) {
            ServedModel loaded = Models.load(Models.config(
                    Format.ONNX, Models.FOLDER.resolve("digits.onnx"), Models.DIGITS_IN, Models.DIGITS_OUT, 8));
            ServerUnderTest started = new ServerUnderTest(loaded);
            server = started.url();
            own = () -> {
                started.close();
                loaded.close();
            };
        }
    }

    @AfterAll
    static void stop() throws Exception {
        own.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/health/live", "/v2/health/ready"})
    void isHealthy(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(200);
    }

    @Test
    void tellsWhatTheServerIs() throws Exception {
        JsonNode metadata = json(get("/v2"), 200);
        assertThat(metadata.path("name").isTextual()).isTrue();
        assertThat(metadata.path("version").isTextual()).isTrue();
        assertThat(metadata.path("extensions").isArray()).isTrue();
    }

    @Test
    void tellsWhatTheModelIs() throws Exception {
        JsonNode metadata = metadata();
        assertThat(metadata.path("name").asText()).isEqualTo(model);
        assertThat(metadata.path("platform").isTextual()).isTrue();
        for (String part : new String[] {"inputs", "outputs"}) {
            assertThat(metadata.path(part)).isNotEmpty().allSatisfy(tensor -> {
                assertThat(tensor.path("name").isTextual()).isTrue();
                assertThat(tensor.path("datatype").asText()).matches("BOOL|U?INT(8|16|32|64)|FP(16|32|64)|BF16|BYTES");
                assertThat(tensor.path("shape")).isNotEmpty().allMatch(JsonNode::isIntegralNumber);
            });
        }
    }

    @Test
    void modelAndEachOfItsVersionsAreReady() throws Exception {
        assertThat(get("/v2/models/" + model + "/ready").statusCode()).isEqualTo(200);
        for (JsonNode version : metadata().path("versions")) {
            String path = "/v2/models/" + model + "/versions/" + version.asText();
            assertThat(get(path + "/ready").statusCode()).isEqualTo(200);
            assertThat(json(get(path), 200)).isEqualTo(metadata());
            JsonNode reply = json(post(path + "/infer", request()), 200);
            assertThat(reply.path("model_version").asText()).isEqualTo(version.asText());
        }
    }

    @Test
    void givesEveryOutputAndTheRequestsId() throws Exception {
        JsonNode reply = json(infer(request().put("id", "a b/ü")), 200);

        assertThat(reply.path("model_name").asText()).isEqualTo(model);
        assertThat(reply.path("id").asText()).isEqualTo("a b/ü");
        assertThat(reply.path("outputs")).hasSameSizeAs(metadata().path("outputs"));
        for (JsonNode declared : metadata().path("outputs")) {
            JsonNode output = named(reply.path("outputs"), declared.path("name").asText());
            assertThat(output.path("datatype")).isEqualTo(declared.path("datatype"));
            long elements = 1;
            for (int i = 0; i < output.path("shape").size(); i++) {
                elements *= output.path("shape").get(i).asLong();
                long wanted = declared.path("shape").get(i).asLong();
                assertThat(output.path("shape").get(i).asLong()).matches(size -> wanted < 0 || size == wanted);
            }
            assertThat(flat(output.path("data"))).isEqualTo(elements);
        }
    }

    @Test
    void takesNestedData() throws Exception {
        ObjectNode request = request();
        for (JsonNode input : request.path("inputs")) {
            ArrayNode row = JSON.createArrayNode();
            ((ObjectNode) input).withArray("data").forEach(row::add);
            ((ObjectNode) input).putArray("data").add(row);
        }
        assertThat(json(infer(request), 200).path("outputs"))
                .isEqualTo(json(infer(request()), 200).path("outputs"));
    }

    @Test
    void takesTheFieldsOfAnInputInAnyOrder() throws Exception {
        ObjectNode request = request();
        ArrayNode turned = JSON.createArrayNode();
        for (JsonNode input : request.path("inputs")) {
            ObjectNode other = turned.addObject();
            other.set("data", input.path("data"));
            other.set("shape", input.path("shape"));
            other.set("datatype", input.path("datatype"));
            other.set("name", input.path("name"));
        }
        request.set("inputs", turned);
        assertThat(json(infer(request), 200).path("outputs"))
                .isEqualTo(json(infer(request()), 200).path("outputs"));
    }

    @Test
    void givesTheOutputsThatAreAskedFor() throws Exception {
        String last = metadata()
                .path("outputs")
                .path(metadata().path("outputs").size() - 1)
                .path("name")
                .asText();
        ObjectNode request = request();
        request.putArray("outputs").addObject().put("name", last);

        assertThat(json(infer(request), 200).path("outputs"))
                .singleElement()
                .satisfies(output -> assertThat(output.path("name").asText()).isEqualTo(last));
    }

    @Test
    void exchangesBinaryTensors() throws Exception {
        assumeThat(json(get("/v2"), 200).path("extensions").toString()).contains("binary_tensor_data");
        ObjectNode request = request();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (JsonNode input : request.path("inputs")) {
            assumeThat(input.path("datatype").asText()).isEqualTo("FP32");
            byte[] zeros = new byte[4 * input.path("data").size()];
            ((ObjectNode) input).remove("data");
            ((ObjectNode) input).putObject("parameters").put("binary_data_size", zeros.length);
            bytes.writeBytes(zeros);
        }
        request.putObject("parameters").put("binary_data_output", true);
        byte[] header = JSON.writeValueAsBytes(request);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(header);
        body.writeBytes(bytes.toByteArray());
        HttpResponse<byte[]> reply = CLIENT.send(
                to("/v2/models/" + model + "/infer")
                        .header("Inference-Header-Content-Length", Integer.toString(header.length))
                        .POST(BodyPublishers.ofByteArray(body.toByteArray()))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());

        assertThat(reply.statusCode()).isEqualTo(200);
        int length = Integer.parseInt(
                reply.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
        JsonNode said = JSON.readTree(Arrays.copyOf(reply.body(), length));
        long announced = 0;
        for (JsonNode output : said.path("outputs")) {
            assertThat(output.has("data")).isFalse();
            announced += output.path("parameters").path("binary_data_size").asLong();
        }
        assertThat(reply.body().length - length).isEqualTo(announced).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/models/none", "/v2/models/none/ready", "/v2/models/%s/versions/none"})
    void refusesWhatIsNotThere(String path) throws Exception {
        refused(get(path.formatted(model)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "{}",
                "{\"inputs\": {}}",
                "{\"inputs\": [{}]}",
                "{\"inputs\": []}",
                "{\"inputs\": []} {}",
                "{\"inputs\": [1]}",
                "{\"inputs\": [{\"name\": 1, \"shape\": [1], \"datatype\": \"FP32\", \"data\": [1]}]}"
            })
    void refusesWhatIsNoRequest(String body) throws Exception {
        refused(post("/v2/models/" + model + "/infer", body));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\": \"none\"}",
                "{\"datatype\": \"FP13\"}",
                "{\"datatype\": \"BYTES\", \"data\": [\"a\"]}",
                "{\"shape\": [-1]}",
                "{\"shape\": [1.5]}",
                "{\"shape\": \"1\"}",
                "{\"shape\": []}",
                "{\"shape\": [9223372036854775807, 9223372036854775807]}",
                "{\"shape\": [4611686018427387904, 4]}",
                "{\"shape\": [1, 1000000000]}",
                "{\"shape\": [0, 1], \"data\": []}",
                "{\"data\": []}",
                "{\"data\": 1}",
                "{\"data\": [{}]}",
                "{\"data\": [null]}",
                "{\"data\": [[[[[1e999]]]]]}",
                "{\"data\": [\"1\"]}",
                "{\"data\": null}",
                "{\"parameters\": {\"binary_data_size\": 4}}",
                "{\"parameters\": {\"binary_data_size\": -4}, \"data\": null}"
            })
    void refusesAnInputThatIsNotWhatItSays(String change) throws Exception {
        ObjectNode request = request();
        ((ObjectNode) request.path("inputs").get(0)).setAll((ObjectNode) JSON.readTree(change));
        refused(infer(request));
    }

    @Test
    void refusesAnInputThatIsGivenTwice() throws Exception {
        ObjectNode request = request();
        request.withArray("inputs").add(request.path("inputs").get(0));
        refused(infer(request));
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "-Infinity", "18446744073709551616e400", "\"\\ud800\"", "[[[", "0x1"})
    void refusesAnElementThatIsNoNumberInJson(String element) throws Exception {
        String request = JSON.writeValueAsString(request());
        refused(post(
                "/v2/models/" + model + "/infer",
                request.replaceFirst("\"data\":\\[[^,\\]]*", "\"data\":[" + Matcher.quoteReplacement(element))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"18446744073709551615", "18446744073709551616", "1e3", "null", "[1]"})
    void refusesADimensionThatIsNone(String dimension) throws Exception {
        String request = JSON.writeValueAsString(request());
        refused(post(
                "/v2/models/" + model + "/infer",
                request.replaceFirst("\"shape\":\\[[^,\\]]*", "\"shape\":[" + dimension)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1000000", "-1", "1e2", "5", ""})
    void refusesALengthOfTheJsonThatIsWrong(String length) throws Exception {
        assumeThat(json(get("/v2"), 200).path("extensions").toString()).contains("binary_tensor_data");
        refused(CLIENT.send(
                to("/v2/models/" + model + "/infer")
                        .header("Inference-Header-Content-Length", length)
                        .POST(BodyPublishers.ofString(JSON.writeValueAsString(request())))
                        .build(),
                HttpResponse.BodyHandlers.ofString()));
    }

    @Test
    void takesABodyInPiecesWithoutALength() throws Exception {
        byte[] body = JSON.writeValueAsBytes(request());
        HttpResponse<String> reply = CLIENT.send(
                to("/v2/models/" + model + "/infer")
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(json(reply, 200).path("outputs")).isNotEmpty();
    }

    @Test
    void answersRequestsThatWereSentWithoutWaitingInTheirOrder() throws Exception {
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            String body = JSON.writeValueAsString(request().put("id", "no" + i));
            sent.append(
                    "POST /v2/models/%s/infer HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n%s"
                            .formatted(
                                    model,
                                    HOST.isEmpty() ? "x" : HOST,
                                    body.length(),
                                    i == 4 ? "close" : "keep-alive",
                                    body));
        }
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(sent.toString().getBytes(StandardCharsets.US_ASCII));
            String given = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(given).containsSubsequence("no0", "no1", "no2", "no3", "no4");
        }
    }

    @Test
    void saysWhichMethodsAPathHas() throws Exception {
        HttpRequest head = to("/v2/health/live").HEAD().build();
        assertThat(CLIENT.send(head, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
        HttpResponse<String> put = CLIENT.send(
                to("/v2/models/" + model + "/infer")
                        .PUT(BodyPublishers.ofString("{}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        refused(put);
        assertThat(put.statusCode()).isEqualTo(405);
        assertThat(put.headers().firstValue("Allow")).contains("POST");
    }

    @Test
    void refusesAnOutputThatTheModelDoesNotHave() throws Exception {
        ObjectNode request = request();
        request.putArray("outputs").addObject().put("name", "none");
        refused(infer(request));
    }

    private static JsonNode metadata() throws Exception {
        return json(get("/v2/models/" + model), 200);
    }

    /** Zeros for every input; an open dimension is 1. */
    private static ObjectNode request() throws Exception {
        ObjectNode request = JSON.createObjectNode();
        ArrayNode inputs = request.putArray("inputs");
        for (JsonNode declared : metadata().path("inputs")) {
            ObjectNode input = inputs.addObject();
            input.set("name", declared.path("name"));
            ArrayNode shape = input.putArray("shape");
            long elements = 1;
            for (JsonNode size : declared.path("shape")) {
                shape.add(Math.max(1, Math.abs(size.asLong())));
                elements *= Math.max(1, Math.abs(size.asLong()));
            }
            String datatype = declared.path("datatype").asText();
            input.put("datatype", datatype);
            ArrayNode data = input.putArray("data");
            for (long i = 0; i < elements; i++) {
                switch (datatype) {
                    case "BOOL" -> data.add(false);
                    case "BYTES" -> data.add("");
                    default -> data.add(0);
                }
            }
        }
        return request;
    }

    private static JsonNode named(JsonNode tensors, String name) {
        for (JsonNode tensor : tensors) {
            if (tensor.path("name").asText().equals(name)) {
                return tensor;
            }
        }
        throw new AssertionError("no " + name + " in " + tensors);
    }

    private static long flat(JsonNode data) {
        long elements = 0;
        for (JsonNode element : data) {
            elements += element.isArray() ? flat(element) : 1;
        }
        return elements;
    }

    private static void refused(HttpResponse<String> reply) throws IOException {
        assertThat(reply.statusCode()).as(reply.body()).isBetween(400, 499);
        assertThat(JSON.readTree(reply.body()).path("error").asText()).isNotEmpty();
    }

    private static JsonNode json(HttpResponse<String> reply, int status) throws IOException {
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(status);
        assertThat(reply.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
        return JSON.readTree(reply.body());
    }

    private static HttpRequest.Builder to(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path));
        return HOST.isEmpty() ? request : request.header("Host", HOST);
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return CLIENT.send(to(path).build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private static HttpResponse<String> infer(JsonNode request) throws Exception {
        return post("/v2/models/" + model + "/infer", request);
    }

    private static HttpResponse<String> post(String path, JsonNode request) throws Exception {
        return post(path, JSON.writeValueAsString(request));
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return CLIENT.send(
                to(path).POST(BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }
}
