package dev.tidemill.images;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The model server fetches a classifier of digits, which is given here as a store gives it, and infers by REST and by gRPC. */
final class Inferring implements Lesson {

    private static final String MODEL = """
            {"apiVersion": "tidemill.dev/v1alpha1", "kind": "Model", "metadata": {"name": "digits"},
             "spec": {"format": "PyTorch", "source": {"store": "default", "bucket": "models", "key": "digits.pt"},
              "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 64]}],
              "outputs": [{"name": "probabilities", "datatype": "FP32", "shape": [-1, 10]},
                          {"name": "label", "datatype": "INT64", "shape": [-1]}]}}""";

    private static final int PIXELS = 64;

    private final HttpServer store = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    private final Path layout;

    Inferring(Path artifact, Path layout) throws IOException {
        this.layout = layout;
        var content = Files.readAllBytes(artifact);
        store.createContext("/models/digits.pt", exchange -> {
            try (exchange) {
                exchange.getResponseHeaders().add("ETag", "\"images\"");
                exchange.sendResponseHeaders(200, content.length);
                exchange.getResponseBody().write(content);
            }
        });
        store.start();
    }

    @Override
    public Map<String, String> environment() {
        return Map.of(
                "TIDEMILL_MODEL",
                MODEL,
                "TIDEMILL_NATIVES",
                layout.resolve(Deployable.NATIVES).toString(),
                "AWS_ENDPOINT_URL_S3",
                "http://127.0.0.1:" + store.getAddress().getPort(),
                "AWS_ACCESS_KEY_ID",
                "images",
                "AWS_SECRET_ACCESS_KEY",
                "images");
    }

    @Override
    public List<HttpRequest> questions(URI program) {
        var infer = program.resolve("/v2/models/digits/infer");
        var zeros = "0, ".repeat(PIXELS - 1) + "0";
        var json = """
                {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, %d], "data": [%s]}]}""".formatted(PIXELS, zeros);
        var header = """
                {"parameters": {"binary_data_output": true}, "inputs": [{"name": "x", "datatype": "FP32", "shape": [1, %d],
                 "parameters": {"binary_data_size": %d}}]}""".formatted(PIXELS, Float.BYTES * PIXELS).getBytes(StandardCharsets.UTF_8);
        return List.of(
                // Goes over to HTTP/2, on which gRPC is spoken; a connection does so at its first request or never.
                HttpRequest.newBuilder(program.resolve("/v2"))
                        .version(HttpClient.Version.HTTP_2)
                        .build(),
                HttpRequest.newBuilder(program.resolve("/v2/health/ready")).build(),
                HttpRequest.newBuilder(infer)
                        .POST(BodyPublishers.ofString(json))
                        .build(),
                HttpRequest.newBuilder(infer)
                        .header("Inference-Header-Content-Length", Integer.toString(header.length))
                        .POST(BodyPublishers.concat(
                                BodyPublishers.ofByteArray(header),
                                BodyPublishers.ofByteArray(new byte[Float.BYTES * PIXELS])))
                        .build(),
                HttpRequest.newBuilder(program.resolve("/inference.GRPCInferenceService/ModelInfer"))
                        .version(HttpClient.Version.HTTP_2)
                        .header("Content-Type", "application/grpc")
                        .header("TE", "trailers")
                        .POST(BodyPublishers.ofByteArray(grpc()))
                        .build());
    }

    /** ModelInferRequest: field 1 is the model's name, 5 an input (its name, type and shape), 7 its bytes. */
    private static byte[] grpc() {
        var input = message(field(1, "x"), field(2, "FP32"), field(3, new byte[] {1, PIXELS}));
        var request = message(field(1, "digits"), field(5, input), field(7, new byte[Float.BYTES * PIXELS]));
        return message(
                ByteBuffer.allocate(5).put((byte) 0).putInt(request.length).array(), request);
    }

    private static byte[] field(int number, String text) {
        return field(number, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Of less than 16 KiB. */
    private static byte[] field(int number, byte[] content) {
        var length = content.length;
        var head = new byte[] {(byte) (number << 3 | 2), (byte) (length & 0x7F | 0x80), (byte) (length >>> 7)};
        return message(head, content);
    }

    private static byte[] message(byte[]... parts) {
        var length = 0;
        for (var part : parts) {
            length += part.length;
        }
        var all = ByteBuffer.allocate(length);
        for (var part : parts) {
            all.put(part);
        }
        return all.array();
    }

    @Override
    public void close() {
        store.stop(0);
    }
}
