package dev.tidemill.functions.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.CombineData;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.Json;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.Part;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.ShardData;
import dev.tidemill.dataflow.Failure;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions on the library as the dispatcher meets them: CloudEvents over HTTP, by its own client, to a real Funqy. */
@QuarkusTest
class TidemillTest {

    private static final String CSV = "id,alcohol\n1,12.5\n2,13.25\n3,14.0\n";
    private static final String STRONG = "{\"id\":2,\"alcohol\":13.25}\n{\"id\":3,\"alcohol\":14.0}\n";

    private final URI app = URI.create(ConfigProvider.getConfig().getValue("test.url", String.class) + "/");
    private final HttpFunctionClient client = new HttpFunctionClient();

    @Inject
    ObjectClient store = StoreInMemory.NONE;

    @BeforeEach
    void bucket() {
        store.createBucket("lake");
    }

    @Test
    void theSameRowsComeOutOfEveryFormat(@TempDir Path files) throws Exception {
        try (var duckdb = DriverManager.getConnection("jdbc:duckdb:");
                var sql = duckdb.createStatement()) {
            sql.execute("CREATE TABLE wines AS SELECT * FROM (VALUES (1::BIGINT, 12.5::DOUBLE), (2, 13.25), (3, 14))"
                    + " AS wines(id, alcohol)");
            for (String format : List.of("csv", "json", "parquet")) {
                sql.execute("COPY wines TO '%s' (FORMAT %s)".formatted(files.resolve("wines." + format), format));
            }
        }
        Files.write(files.resolve("wines.npy"), npy());
        for (String format : List.of("csv", "json", "parquet", "npy")) {
            byte[] bytes = Files.readAllBytes(files.resolve("wines." + format));
            Reply reply = shard(EventTypes.SHARD, put("wines." + format, bytes));
            assertThat(reply).as(format).isInstanceOfSatisfying(Reply.Result.class, result -> {
                assertThat(result.contentType()).isEqualTo("application/x-ndjson");
                assertThat(result.body()).as(format).asString().isEqualTo(STRONG);
            });
            assertThat(text(shard("test.sum", put("wines." + format, bytes)))).isEqualTo("{\"sum\":39.75}");
        }
    }

    @Test
    void aShardOfSeveralObjectsIsOneTable() throws Exception {
        ObjectRange first = put("1.jsonl", "{\"id\":1,\"alcohol\":15}\n");
        ObjectRange second = put("2.jsonl", "{\"id\":2,\"alcohol\":13.5,\"name\":\"ü \\\"x\\\"\"}\n");
        assertThat(text(shard(EventTypes.SHARD, first, second)))
                .isEqualTo("{\"id\":1,\"alcohol\":15}\n{\"id\":2,\"alcohol\":13.5,\"name\":\"ü \\\"x\\\"\"}\n");
    }

    @Test
    void aRangeIsReadFromItsFirstRowToItsLast() throws Exception {
        ObjectRange whole = put("wines.csv", CSV);
        ObjectRange middle = new ObjectRange(whole.key(), whole.etag(), whole.size(), 18, 8, "id,alcohol");
        assertThat(CSV.substring(18, 26)).isEqualTo("2,13.25\n");
        assertThat(text(shard(EventTypes.SHARD, middle))).isEqualTo("{\"id\":2,\"alcohol\":13.25}\n");
        assertThat(text(shard("test.sizes", middle))).isEqualTo("wines.csv 8");
    }

    @Test
    void rowsAreMadeInAnyOrderOfTheirColumns() throws Exception {
        assertThat(text(shard("test.doubled", put("wines.csv", CSV)))).isEqualTo("""
                        twice,name,strong
                        2,a "1",false
                        4,a "2",true
                        6,a "3",true
                        """);
    }

    @Test
    void resultsAreCombinedWhereverTheyLie() throws Exception {
        put("part", "{\"sum\":2.5}");
        CombineData data = new CombineData(
                "sum",
                Map.of(),
                1,
                List.of(
                        new Part.Body("application/json", "{\"sum\":1}".getBytes(StandardCharsets.UTF_8)),
                        new Part.Reference("memory://lake/part")));
        assertThat(text(send(EventTypes.COMBINE, Json.bytes(data)))).isEqualTo("{\"sum\":3.5}");
    }

    @Test
    void whatWillFailAgainIsAFinalFailureThatNamesWhatToMend() throws Exception {
        assertThat(refused(shard(EventTypes.SHARD, put("no.csv", "id\n1\n"))))
                .returns("BadInput", Failure::reason)
                .returns("s3://lake/no.csv", Failure::object)
                .satisfies(failure ->
                        assertThat(failure.message()).isEqualTo("there is no column \"alcohol\"; there are: id"));
        assertThat(refused(shard(EventTypes.SHARD, put("bad.csv", "id,alcohol\n1,13\n2,lots\n")))
                        .message())
                .isEqualTo("row 2: alcohol is \"lots\", not a number");
        assertThat(refused(shard(EventTypes.SHARD, put("torn.csv", "id,alcohol\n1,\"13\n"))))
                .returns(2L, Failure::line);
        assertThat(refused(shard("test.never", put("wines.csv", CSV))))
                .returns("TooOld", Failure::reason)
                .returns("only wines after 1990: change the prefix", Failure::message);
        assertThat(refused(send(EventTypes.SHARD, "[".getBytes(StandardCharsets.UTF_8))))
                .returns("BadRequest", Failure::reason);
        var halfSaid = """
                {"function_name": "f", "function_data": {"w": {"type": "AWS_S3_Prefix", "bucket": "lake", "s3_prefix": "",
                  "objects": [{"key": "wines.csv", "etag": "e", "size": 48}]}}}""";
        assertThat(refused(send(EventTypes.SHARD, halfSaid.getBytes(StandardCharsets.UTF_8))))
                .returns("BadRequest", Failure::reason)
                .returns("wines.csv: the length to work on is 0 or missing, of 48 bytes", Failure::message);
        assertThat(refused(shard(EventTypes.SHARD, DataFormat.of(DataFormat.Type.Image), put("a.png", "x"))))
                .returns("NotTabular", Failure::reason);
    }

    @Test
    void whatMayPassNextTimeIsTriedAgainWithTheReasonInWords() throws Exception {
        assertThat(shard("test.later", put("wines.csv", CSV))).isInstanceOfSatisfying(Reply.Transient.class, later -> {
            assertThat(later.status()).isEqualTo(500);
            assertThat(later.message()).contains("the cellar does not answer");
        });
    }

    @Test
    void theHowToShowsTheFunctionThatIsTestedHere() throws Exception {
        String source = Files.readString(
                Path.of("src/test/java", StrongWines.class.getName().replace('.', '/') + ".java"));
        assertThat(Files.readString(Path.of("../../docs/how-to/own-function.md")))
                .contains(source.substring(source.indexOf("public class")));
    }

    /** As {@code numpy.save} writes an array of {@code [('id', '<i8'), ('alcohol', '<f8')]}. */
    private static byte[] npy() {
        String header = "{'descr': [('id', '<i8'), ('alcohol', '<f8')], 'fortran_order': False, 'shape': (3,), }";
        String padded = header + " ".repeat(64 - (10 + header.length() + 1) % 64) + "\n";
        ByteBuffer rows = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        rows.putLong(1).putDouble(12.5).putLong(2).putDouble(13.25).putLong(3).putDouble(14);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) padded.length(), 0});
        out.writeBytes(padded.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(rows.array());
        return out.toByteArray();
    }

    private ObjectRange put(String key, String content) {
        return put(key, content.getBytes(StandardCharsets.UTF_8));
    }

    private ObjectRange put(String key, byte[] bytes) {
        String etag = store.put("lake", key, bytes, "application/octet-stream", Precondition.NONE)
                .etag();
        return ObjectRange.whole(key, etag, bytes.length);
    }

    private Reply shard(String type, ObjectRange... objects) throws InterruptedException {
        return shard(type, DataFormat.AUTO, objects);
    }

    private Reply shard(String type, DataFormat format, ObjectRange... objects) throws InterruptedException {
        S3Prefix binding = new S3Prefix("AWS_S3_Prefix", "lake", "", 1, 0, format, List.of(objects));
        return send(type, Json.bytes(new ShardData("wines", Map.of("wines", binding), null)));
    }

    private Reply send(String type, byte[] data) throws InterruptedException {
        return client.call(
                app, new Event("1", "/test", type, null, "application/json", Map.of(), data), Duration.ofSeconds(60));
    }

    private static String text(Reply reply) {
        assertThat(reply).isInstanceOf(Reply.Result.class);
        return new String(((Reply.Result) reply).body(), StandardCharsets.UTF_8);
    }

    private static Failure refused(Reply reply) {
        assertThat(reply).isInstanceOf(Reply.Final.class);
        return ((Reply.Final) reply).failure();
    }
}
