package dev.tidemill.functions.model.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.Json;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.OutputTarget;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.ShardData;
import dev.tidemill.functions.model.ModelConfig;
import dev.tidemill.functions.model.Models;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.Serving;
import dev.tidemill.functions.model.Venv;
import dev.tidemill.functions.model.batch.Batcher;
import dev.tidemill.functions.model.graph.Graph;
import dev.tidemill.functions.model.protocol.ServerUnderTest;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CloudEvents over HTTP: single requests, and shards of a Dataset from a store in memory. */
class EventsTest {

    private static final String BUCKET = "lake";

    private final ObjectClient store = new MemoryStore().client();
    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    @BeforeEach
    void makeBucket() {
        store.createBucket(BUCKET);
    }

    @AfterEach
    void endClient() {
        http.shutdownNow();
    }

    private ServerUnderTest serve(ServedModel model) {
        return new ServerUnderTest(model, router -> new EventRoutes(Serving.of(model), () -> store).register(router));
    }

    private static ServedModel digits() {
        ModelConfig config = Models.config(
                ModelSpec.Format.ONNX,
                Models.FOLDER.resolve("digits.onnx"),
                List.of(new ModelSpec.Tensor("x", Datatype.FP32, List.of(-1L, 64L), List.of("column*"))),
                Models.DIGITS_OUT,
                64);
        return Models.load(config);
    }

    private HttpResponse<byte[]> send(ServerUnderTest server, String type, Object data) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(server.url() + "/"))
                        .header("Content-Type", "application/json")
                        .header("ce-specversion", "1.0")
                        .header("ce-id", "17")
                        .header("ce-source", "/test")
                        .header("ce-type", type)
                        .POST(BodyPublishers.ofByteArray(Json.bytes(data)))
                        .build(),
                BodyHandlers.ofByteArray());
    }

    private static String type(HttpResponse<byte[]> reply) {
        return reply.headers().firstValue("ce-type").orElse("none; " + reply.statusCode());
    }

    private HttpResponse<byte[]> score(ServerUnderTest server, ObjectRange... objects) throws Exception {
        S3Prefix binding = new S3Prefix("AWS_S3_Prefix", BUCKET, "in/", 1, 0, null, List.of(objects));
        return send(server, EventTypes.SHARD, new ShardData("model/m", Map.of("in", binding), null));
    }

    private ObjectRange put(String key, byte[] content) {
        ObjectClient.Written written = store.put(BUCKET, key, content, "application/octet-stream", Precondition.NONE);
        return ObjectRange.whole(key, written.etag(), content.length);
    }

    private static List<JsonNode> rows(HttpResponse<byte[]> reply) {
        return new String(reply.body(), StandardCharsets.UTF_8)
                .lines()
                .map(line -> {
                    try {
                        return Json.mapper().readTree(line);
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                })
                .toList();
    }

    @Test
    void anInferEventIsAnsweredByAResultEventWithWhatRestWouldSay() throws Exception {
        float[] pixels = Arrays.copyOf(Models.floats(Models.npy("digits-x.npy", "x")), 64);
        Map<String, ?> request = Map.of(
                "id",
                "of the request",
                "inputs",
                List.of(Map.of("name", "x", "datatype", "FP32", "shape", List.of(1, 64), "data", pixels)));
        try (ServedModel model = digits();
                ServerUnderTest server = serve(model)) {
            HttpResponse<byte[]> event = send(server, EventTypes.INFER, request);
            HttpResponse<byte[]> rest = http.send(
                    HttpRequest.newBuilder(server.url().resolve("/v2/models/digits/infer"))
                            .POST(BodyPublishers.ofByteArray(Json.bytes(request)))
                            .build(),
                    BodyHandlers.ofByteArray());

            assertThat(type(event)).isEqualTo("dev.tidemill.inferred");
            assertThat(event.headers().firstValue("ce-id")).contains("17");
            assertThat(event.headers().firstValue("ce-source")).contains("/models/digits");
            assertThat(Json.mapper().readTree(event.body()))
                    .isEqualTo(Json.mapper().readTree(rest.body()));
        }
    }

    @Test
    void whatWillNeverFitIsAFailureEventThatSaysWhy() throws Exception {
        Map<String, ?> request = Map.of(
                "inputs",
                List.of(Map.of("name", "x", "datatype", "FP32", "shape", List.of(1, 3), "data", List.of(1, 2, 3))));
        try (ServedModel model = digits();
                ServerUnderTest server = serve(model)) {
            HttpResponse<byte[]> refused = send(server, EventTypes.INFER, request);
            assertThat(type(refused)).isEqualTo(EventTypes.FAILURE);
            JsonNode failure = Json.mapper().readTree(refused.body());
            assertThat(failure.path("reason").asText()).isEqualTo("BadRequest");
            assertThat(failure.path("message").asText()).contains("[1, 3]", "[-1, 64]");
            assertThat(type(send(server, "com.example.other", request))).isEqualTo(EventTypes.FAILURE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "jsonl", "parquet", "npy"})
    void rowsOfEveryFormatGetThePredictionsThatPythonGives(String format) throws Exception {
        long[] labels = Models.longs(Models.npy("digits-onnx-label.npy", "label"));
        ObjectRange table = put("in/digits." + format, digits(format));
        try (ServedModel model = digits();
                ServerUnderTest server = serve(model)) {
            HttpResponse<byte[]> reply = score(server, table);
            assertThat(type(reply)).isEqualTo(EventTypes.SHARD + ".result");
            assertThat(rows(reply))
                    .extracting(row -> row.path("label").asLong())
                    .containsExactly(Arrays.stream(labels).boxed().toArray(Long[]::new));
        }
    }

    /** So many that they are read in several runs, with a column that is kept, and at last a value that is none. */
    @Test
    void rowsOfALargeTableKeepTheirOrderAndAreCountedFromItsBeginning() throws Exception {
        float[] pixels = Models.floats(Models.npy("digits-x.npy", "x"));
        long[] labels = Models.longs(Models.npy("digits-onnx-label.npy", "label"));
        int rows = 6_000;
        StringBuilder csv = new StringBuilder("id");
        IntStream.range(0, 64).forEach(i -> csv.append(",column").append(i));
        for (int row = 0; row < rows; row++) {
            csv.append("\nrow ").append(row);
            for (int i = 0; i < 64; i++) {
                float pixel = pixels[row * 64 % pixels.length + i];
                csv.append(',').append(row % 1_999 == 7 ? "\"" + pixel + "\"" : Float.toString(pixel));
            }
        }
        try (ServedModel model = digits();
                ServerUnderTest server = serve(model)) {
            List<JsonNode> scored = rows(score(server, put("in/large.csv", bytes(csv))));
            assertThat(scored).hasSize(rows);
            for (int row = 0; row < rows; row++) {
                assertThat(scored.get(row).path("id").asText()).isEqualTo("row " + row);
                assertThat(scored.get(row).path("label").asLong()).isEqualTo(labels[row % labels.length]);
            }

            csv.append("\nlast").append(",1".repeat(63)).append(",one\n");
            HttpResponse<byte[]> refused = score(
                    server,
                    put("in/small.csv", bytes(csv.substring(0, csv.indexOf("\nrow 50")))),
                    put("in/broken.csv", bytes(csv)));
            assertThat(type(refused)).isEqualTo(EventTypes.FAILURE);
            JsonNode failure = Json.mapper().readTree(refused.body());
            assertThat(failure.path("object").asText()).isEqualTo("in/broken.csv");
            assertThat(failure.path("message").asText())
                    .isEqualTo("record %d: \"one\" in column column63 is no FP32 for input x".formatted(rows + 1));
        }
    }

    /**
     * Columns that JSON Lines bring late are columns of all rows, and where the first records do not have what the model takes, it is the
     * record that is refused, not the table.
     */
    @Test
    void columnsThatLaterRecordsBringAreKept() throws Exception {
        long[] labels = Models.longs(Models.npy("digits-onnx-label.npy", "label"));
        List<String> lines =
                new String(digits("jsonl"), StandardCharsets.UTF_8).lines().toList();
        StringBuilder late = new StringBuilder();
        int rows = 4_000;
        for (int row = 0; row < rows; row++) {
            String line = lines.get(row % lines.size());
            String more = row % 1_000 == 999 ? ",\"note\":\"é \\\"" + row + "\\\"\"" : "";
            late.append("{\"id\":").append(row).append(',').append(line, 1, line.length() - 1);
            late.append(more).append("}\n");
        }
        OutputTarget output = new OutputTarget(BUCKET, "out/", "n", DataFormat.Type.Csv);
        S3Prefix binding = new S3Prefix(
                "AWS_S3_Prefix",
                BUCKET,
                "in/",
                1,
                0,
                null,
                List.of(put("in/digits.jsonl", digits("jsonl")), put("in/late.jsonl", bytes(late))));
        try (ServedModel model = digits();
                ServerUnderTest server = serve(model)) {
            HttpResponse<byte[]> reply =
                    send(server, EventTypes.SHARD, new ShardData("model/m", Map.of("in", binding), output));
            List<String> scored =
                    new String(reply.body(), StandardCharsets.UTF_8).lines().toList();
            assertThat(scored.getFirst()).startsWith("id,note,probabilities_0,").endsWith(",label");
            assertThat(scored).hasSize(1 + lines.size() + rows);
            for (int row = 0; row < rows; row++) {
                String note = row % 1_000 == 999 ? "é \"%d\"".formatted(row) : "";
                assertThat(scored.get(1 + lines.size() + row))
                        .startsWith("%d,%s,".formatted(row, note))
                        .endsWith("," + labels[row % labels.length]);
            }

            String without = lines.getFirst().substring(0, lines.getFirst().lastIndexOf(',')) + "}";
            HttpResponse<byte[]> refused =
                    score(server, put("in/first.jsonl", bytes((without + "\n").repeat(2_000) + late)));
            assertThat(Json.mapper().readTree(refused.body()).path("message").asText())
                    .isEqualTo("record 1: column column63 has no value, and input x needs one");
        }
    }

    private static byte[] bytes(CharSequence text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** By numpy, from its own files: {@code numpy.load} of what comes is compared with what ONNX Runtime gave in Python. */
    @Test
    void predictionsAsAnArrayAreWhatNumpyLoads() throws Exception {
        Venv numpy = Venv.of("sklearn", "predictions as NPY are what numpy loads");
        OutputTarget output = new OutputTarget(BUCKET, "out/", "n", DataFormat.Type.Npy);
        S3Prefix binding =
                new S3Prefix("AWS_S3_Prefix", BUCKET, "in/", 1, 0, null, List.of(put("in/digits.npy", digits("npy"))));
        try (ServedModel model = digits();
                ServerUnderTest server = serve(model)) {
            HttpResponse<byte[]> reply =
                    send(server, EventTypes.SHARD, new ShardData("model/m", Map.of("in", binding), output));
            assertThat(reply.headers().firstValue("Content-Type")).contains("application/x-npy");
            numpy.run("load_predictions.py", Files.write(folder.resolve("scored.npy"), reply.body()), Models.FOLDER);

            S3Prefix withMore = new S3Prefix(
                    "AWS_S3_Prefix",
                    BUCKET,
                    "in/",
                    1,
                    0,
                    null,
                    List.of(put(
                            "in/more.csv",
                            bytes(new String(digits("csv"), StandardCharsets.UTF_8)
                                    .replaceAll("(?m)^", "7,")
                                    .replaceFirst("7", "id")
                                    .replaceFirst("(?m)^7,\\z", "")))));
            HttpResponse<byte[]> refused =
                    send(server, EventTypes.SHARD, new ShardData("model/m", Map.of("in", withMore), output));
            assertThat(type(refused)).isEqualTo(EventTypes.FAILURE);
            assertThat(Json.mapper().readTree(refused.body()).path("message").asText())
                    .contains("(id)", "output.format");
        }
    }

    /** The same numbers in each format; Parquet by DuckDB. */
    private byte[] digits(String format) throws Exception {
        Path npy = Models.FOLDER.resolve("digits-x.npy");
        if (format.equals("npy")) {
            return Files.readAllBytes(npy);
        }
        float[] pixels = Models.floats(Models.npy(npy, "x"));
        StringBuilder csv = new StringBuilder(String.join(
                ",", IntStream.range(0, 64).mapToObj(i -> "column" + i).toList()));
        for (int i = 0; i < pixels.length; i++) {
            csv.append(i % 64 == 0 ? '\n' : ',').append(pixels[i]);
        }
        byte[] table = csv.append('\n').toString().getBytes(StandardCharsets.UTF_8);
        if (format.equals("csv")) {
            return table;
        }
        Path from = Files.write(folder.resolve("digits.csv"), table);
        Path to = folder.resolve("digits." + format);
        try (var duckdb = DriverManager.getConnection("jdbc:duckdb:");
                var copy = duckdb.createStatement()) {
            copy.execute("SET preserve_insertion_order = true");
            copy.execute("COPY (FROM read_csv('%s')) TO '%s' (FORMAT %s)"
                    .formatted(from, to, format.equals("parquet") ? "parquet" : "json"));
        }
        return Files.readAllBytes(to);
    }

    /** A model that gives the mean of each image. */
    private record Mean(ModelSpec spec) implements Graph {
        @Override
        public Lease run(List<Tensor> inputs) {
            float[] pixels = Models.floats(inputs.getFirst());
            int rows = (int) inputs.getFirst().rows();
            float[] means = new float[rows];
            for (int i = 0; i < pixels.length; i++) {
                means[i * rows / pixels.length] += pixels[i] * rows / pixels.length;
            }
            return Lease.of(List.of(Models.floats("mean", new long[] {rows}, means)));
        }

        @Override
        public String device() {
            return "cpu";
        }

        @Override
        public String platform() {
            return "mean";
        }

        @Override
        public void close() {}
    }

    private static ServedModel mean() {
        ModelSpec.Image image = new ModelSpec.Image(ModelSpec.Layout.ChannelsFirst, null, "1", List.of(), List.of());
        ModelSpec spec = Models.config(
                        ModelSpec.Format.ONNX,
                        Models.FOLDER.resolve("identity.onnx"),
                        List.of(new ModelSpec.Tensor("x", Datatype.FP32, List.of(-1L, 1L, 4L, 4L), List.of(), image)),
                        List.of(Models.tensor("mean", Datatype.FP32, -1)),
                        4)
                .model()
                .spec();
        return new ServedModel(
                "mean", "1", spec, new Mean(spec), new Batcher.Limits(4, Duration.ZERO, 1, 100, 1 << 24));
    }

    /** A PNG all of one grey. */
    private static byte[] grey(int level) throws Exception {
        BufferedImage image = new BufferedImage(9, 7, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 63; i++) {
            image.getRaster().setSample(i % 9, i / 9, 0, level);
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return png.toByteArray();
    }

    @Test
    void imagesAreScoredOneARowInTheOrderOfTheObjects() throws Exception {
        ObjectRange[] objects = new ObjectRange[70];
        for (int i = 0; i < objects.length; i++) {
            objects[i] = put("in/%02d.png".formatted(i), grey(3 * i));
        }
        try (ServedModel model = mean();
                ServerUnderTest server = serve(model)) {
            List<JsonNode> rows = rows(score(server, objects));
            assertThat(rows).hasSize(70);
            for (int i = 0; i < rows.size(); i++) {
                assertThat(rows.get(i).path("object").asText()).isEqualTo(objects[i].key());
                assertThat(rows.get(i).path("mean").asDouble()).isEqualTo(3.0 * i);
            }
        }
    }

    @Test
    void anImageThatIsBrokenFailsByItsKeyWhileOthersAreScored() throws Exception {
        byte[] png = grey(10);
        // Before the end lie IEND, of 12 bytes, and the checksum of the pixels.
        png[png.length - 18] ^= 1;
        ObjectRange broken = put("in/broken.png", png);
        ObjectRange whole = put("in/whole.png", grey(20));
        try (ServedModel model = mean();
                ServerUnderTest server = serve(model)) {
            HttpResponse<byte[]> reply = score(server, whole, broken);
            assertThat(type(reply)).isEqualTo(EventTypes.FAILURE);
            JsonNode failure = Json.mapper().readTree(reply.body());
            assertThat(failure.path("reason").asText()).isEqualTo("BadInput");
            assertThat(failure.path("object").asText()).isEqualTo("in/broken.png");
            assertThat(failure.path("message").asText()).contains("checksum");
            assertThat(failure.path("byte").isIntegralNumber()).isTrue();
            assertThat(rows(score(server, whole)))
                    .singleElement()
                    .satisfies(row -> assertThat(row.path("mean").asDouble()).isEqualTo(20));
        }
    }

    @Test
    void aPartOfAnImageIsRefusedForGood() throws Exception {
        ObjectRange whole = put("in/whole.png", grey(20));
        ObjectRange part = new ObjectRange(whole.key(), whole.etag(), whole.size(), 0, whole.size() - 1, null);
        try (ServedModel model = mean();
                ServerUnderTest server = serve(model)) {
            HttpResponse<byte[]> reply = score(server, part);
            assertThat(type(reply)).isEqualTo(EventTypes.FAILURE);
            JsonNode failure = Json.mapper().readTree(reply.body());
            assertThat(failure.path("reason").asText()).isEqualTo("ModelMismatch");
            assertThat(failure.path("message").asText()).contains("in/whole.png", "partition.split");
        }
    }
}
