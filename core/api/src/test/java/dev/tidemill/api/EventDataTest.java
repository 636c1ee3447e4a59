package dev.tidemill.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemill.api.Part.Body;
import dev.tidemill.api.Part.Reference;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventDataTest {

    @Test
    void aShardReadsAsTheDesignShowsIt() throws Exception {
        var json = """
                {"function_name": "lambda_function",
                 "function_data": {"rand_data": {"type": "AWS_S3_Prefix", "bucket": "lake", "s3_prefix": "test-data/", "scale": 20,
                                   "index": 3, "objects": [{"key": "test-data/07.csv", "etag": "e", "size": 1048576, "offset": 0,
                                   "length": 1048576, "header": "x"}]}},
                 "output": {"bucket": "lake", "prefix": "cleaned/", "name": "n"}}
                """;
        var shard = new ShardData(
                "lambda_function",
                Map.of(
                        "rand_data",
                        new S3Prefix(
                                "AWS_S3_Prefix",
                                "lake",
                                "test-data/",
                                20,
                                3,
                                null,
                                List.of(new ObjectRange("test-data/07.csv", "e", 1 << 20, 0, 1 << 20, "x")))),
                new OutputTarget("lake", "cleaned/", "n", null));

        assertThat(Json.mapper().readValue(json, ShardData.class)).isEqualTo(shard);
        assertThat(Json.mapper().readTree(Json.bytes(shard)))
                .isEqualTo(Json.mapper().readTree(json));
    }

    @Test
    void aDirectCallHasNoObjects() throws Exception {
        var call = Json.mapper()
                .readValue(
                        "{\"function_name\": \"f\", \"function_data\": {\"d\": {\"bucket\": \"lake\", \"s3_prefix\": \"a/\"}}}",
                        ShardData.class);
        assertThat(call.functionData().get("d"))
                .isEqualTo(new S3Prefix("AWS_S3_Prefix", "lake", "a/", null, null, null, null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    application/json         | {"mean":0.5,"count":20}  | {"mean":0.5,"count":20}
                    application/json         | 7                        | 7
                    application/json         | {"dataref":"s3://a/b"}   | {"datacontenttype":"application/json","data_base64":"eyJkYXRhcmVmIjoiczM6Ly9hL2IifQ=="}
                    application/json         | {} trailing              | {"datacontenttype":"application/json","data_base64":"e30gdHJhaWxpbmc="}
                    application/json         | ''                       | {"datacontenttype":"application/json","data_base64":""}
                    text/plain               | hi                       | {"datacontenttype":"text/plain","data_base64":"aGk="}
                    """)
    void aPartIsNeverMistakenForAnother(String contentType, String body, String json) throws Exception {
        var part = new Body(contentType, body.getBytes(StandardCharsets.UTF_8));
        assertThat(Json.text(part)).isEqualTo(json);
        var read = Json.mapper().readValue(json, Part.class);
        assertThat(read).isInstanceOfSatisfying(Body.class, back -> {
            assertThat(back.contentType()).isEqualTo(contentType);
            assertThat(back.bytes()).asString(StandardCharsets.UTF_8).isEqualTo(body);
        });
    }

    @Test
    void aLargePartIsAReference() throws Exception {
        var combine = new CombineData("mean", Map.of(), 2, List.of(new Reference("s3://tidemill/p")));
        assertThat(Json.text(combine))
                .isEqualTo(
                        "{\"function_name\":\"mean\",\"function_data\":{},\"level\":2,\"parts\":[{\"dataref\":\"s3://tidemill/p\"}]}");
        assertThat(Json.mapper().readValue(Json.bytes(combine), CombineData.class))
                .isEqualTo(combine);
    }

    @Test
    void aFailureNamesTheByte() throws Exception {
        var failure = new FailureData("BadRow", "quote opened here is never closed", "a.csv", 812L, 40961L);
        assertThat(Json.text(failure)).endsWith("\"object\":\"a.csv\",\"line\":812,\"byte\":40961}");
        assertThat(Json.mapper().readValue(Json.bytes(failure), FailureData.class))
                .isEqualTo(failure);
    }

    @Test
    void aRangeLiesWithinItsObject() {
        assertThat(ObjectRange.whole("k", "e", 0).whole()).isTrue();
        assertThat(new ObjectRange("k", "e", 10, 2, 8, null).whole()).isFalse();
        assertThatThrownBy(() -> new ObjectRange("k", "e", 10, 3, 8, null)).hasMessageContaining("not within 10");
    }
}
