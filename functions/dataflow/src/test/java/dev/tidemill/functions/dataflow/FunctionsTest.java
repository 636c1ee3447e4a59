package dev.tidemill.functions.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.CombineData;
import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec.Column;
import dev.tidemill.api.DatasetSpec.Distribution;
import dev.tidemill.api.DatasetSpec.Generate;
import dev.tidemill.api.EventTypes;
import dev.tidemill.api.GenerateData;
import dev.tidemill.api.Json;
import dev.tidemill.api.ObjectRange;
import dev.tidemill.api.OutputTarget;
import dev.tidemill.api.Part;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.api.ShardData;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.profile.Profile;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.Precondition;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** The functions as the dispatcher meets them: CloudEvents over HTTP, through its own client. */
@QuarkusTest
class FunctionsTest {

    private final URI app = URI.create(ConfigProvider.getConfig().getValue("test.url", String.class) + "/");
    private static final OutputTarget NOWHERE = new OutputTarget("lake", "out/", "n", DataFormat.Type.Auto);

    @Inject
    ObjectClient store = StoreInMemory.NONE;

    private final HttpFunctionClient client = new HttpFunctionClient();

    @Test
    void generateAnswersWithTheObjectByteForByte() throws Exception {
        Generate spec = new Generate(
                4L, List.of(new Column("é", Distribution.Sequence, null, null, null, null, List.of(), 0)), 0L, 2);
        Reply reply = send("", EventTypes.GENERATE, Json.bytes(new GenerateData(spec, 1, DataFormat.Type.Auto)));
        assertThat(reply).isInstanceOfSatisfying(Reply.Result.class, result -> {
            assertThat(result.contentType()).isEqualTo("text/csv");
            assertThat(new String(result.body(), StandardCharsets.UTF_8)).isEqualTo("é\n2\n3\n");
        });
    }

    @Test
    void meanMapsShardsAndCombinesThemByPath() throws Exception {
        ShardData shard = shard("a.csv", "x,name\n1,a\n2,b\n,c\n");
        assertThat(text(send("mean", EventTypes.SHARD, Json.bytes(shard)))).isEqualTo("{\"mean\":1.5,\"count\":2}");
        List<Part> parts = List.of(
                part("{\"mean\":1.5,\"count\":2}"),
                part("{\"mean\":null,\"count\":0}"),
                part("{\"mean\":6,\"count\":1}"));
        CombineData combine = new CombineData("mean", Map.of(), 1, parts);
        assertThat(text(send("mean", EventTypes.COMBINE, Json.bytes(combine)))).isEqualTo("{\"mean\":3.0,\"count\":3}");
    }

    @Test
    void meanNamesTheColumnsWhereItCannotChoose() throws Exception {
        ShardData shard = shard("two.csv", "x,y\n1,2\n");
        assertThat(send("mean", EventTypes.SHARD, Json.bytes(shard)))
                .isInstanceOfSatisfying(
                        Reply.Final.class,
                        refused -> assertThat(refused.failure().message()).contains("[x, y]", "COLUMN"));
    }

    @Test
    void addOneChangesNumbersAndKeepsTheRest() throws Exception {
        ShardData csv = shard("b.csv", "i,d,s\n1,0.5,007\n,1e3,\"a,b\"\n");
        assertThat(text(send("add_one", EventTypes.SHARD, Json.bytes(csv))))
                .isEqualTo("i,d,s\n2,1.5,007\n,1001.0,\"a,b\"\n");
        ShardData json = shard("c.jsonl", "{\"i\":1,\"s\":\"1\"}\n{\"i\":2.5}\n");
        assertThat(text(send("add_one", EventTypes.SHARD, Json.bytes(json))))
                .isEqualTo("{\"i\":2,\"s\":\"1\"}\n{\"i\":3.5}\n");
    }

    @Test
    void profileAnswersInBinaryAndNamesObjectLineAndByteOfBadInput() throws Exception {
        Reply reply = send("profile", EventTypes.SHARD, Json.bytes(shard("d.csv", "x\n1\n2\n")));
        assertThat(reply).isInstanceOfSatisfying(Reply.Result.class, result -> {
            assertThat(result.contentType()).isEqualTo(Profile.CONTENT_TYPE);
            assertThat(Profile.fromBytes(result.body()).rows()).isEqualTo(2);
        });
        assertThat(send("profile", EventTypes.SHARD, Json.bytes(shard("bad.csv", "x,y\n1,2\n3\n"))))
                .isInstanceOfSatisfying(
                        Reply.Final.class,
                        refused -> assertThat(refused.failure())
                                .returns("s3://lake/bad.csv", failure -> failure.object())
                                .returns(3L, failure -> failure.line()));
    }

    private static Part part(String json) {
        return new Part.Body("application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    /** One object, put into the store and named by an event. */
    private ShardData shard(String key, String content) {
        store.createBucket("lake");
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        String etag =
                store.put("lake", key, bytes, "text/csv", Precondition.NONE).etag();
        ObjectRange object = ObjectRange.whole(key, etag, bytes.length);
        S3Prefix binding = new S3Prefix("AWS_S3_Prefix", "lake", "", 1, 0, DataFormat.AUTO, List.of(object));
        return new ShardData("test", Map.of("input", binding), NOWHERE);
    }

    private static String text(Reply reply) {
        assertThat(reply).isInstanceOf(Reply.Result.class);
        return new String(((Reply.Result) reply).body(), StandardCharsets.UTF_8);
    }

    @Test
    void dataThatIsNoRequestIsAFinalFailureWithAReason() throws Exception {
        Reply reply = send("", EventTypes.GENERATE, "{\"generate\":".getBytes(StandardCharsets.UTF_8));
        assertThat(reply)
                .isInstanceOfSatisfying(
                        Reply.Final.class,
                        refused -> assertThat(refused.failure())
                                .returns("BadRequest", failure -> failure.reason())
                                .satisfies(
                                        failure -> assertThat(failure.message()).contains("is not a GenerateData")));
    }

    private Reply send(String path, String type, byte[] data) throws InterruptedException {
        return client.call(
                app.resolve("/" + path),
                new Event("1", "/test", type, null, "application/json", Map.of(), data),
                Duration.ofSeconds(30));
    }
}
