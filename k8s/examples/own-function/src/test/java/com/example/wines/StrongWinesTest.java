package com.example.wines;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

/** The function over HTTP, as Tidemill calls it. */
@QuarkusTest
@QuarkusTestResource(StoreOnLoopback.class)
class StrongWinesTest {

    @TestHTTPResource
    URI address;

    @Test
    void answersAShardWithItsStrongWines() throws Exception {
        var reply = call("good.csv", "1");
        assertEquals(200, reply.statusCode());
        assertEquals("application/x-ndjson", reply.headers().firstValue("content-type").orElse(""));
        assertEquals("{\"alcohol\":14.23,\"hue\":1.04}\n", reply.body());
    }

    @Test
    void refusesABadRowForGoodAndNamesIt() throws Exception {
        var reply = call("bad.csv", "1");
        assertEquals(200, reply.statusCode());
        assertEquals("dev.tidemill.failure", reply.headers().firstValue("ce-type").orElse(""));
        assertEquals(true, reply.body().contains("\"line\":2"), reply.body());
        assertEquals(true, reply.body().contains("\"object\":\"bad.csv\""), reply.body());
    }

    @Test
    void asksToBeCalledAgainWhenTheObjectHasChanged() throws Exception {
        assertEquals(500, call("good.csv", "an older one").statusCode());
    }

    private HttpResponse<String> call(String key, String etag) throws Exception {
        var shard =
                """
                {"function_name": "strong-wines",
                 "function_data": {"cellar": {"type": "AWS_S3_Prefix", "bucket": "lake", "s3_prefix": "", "scale": 1, "index": 0,
                                   "objects": [{"key": "%s", "etag": "%s", "size": 1, "offset": 0, "length": 1}]}}}
                """
                        .formatted(key, etag);
        var request = HttpRequest.newBuilder(address)
                .header("content-type", "application/json")
                .header("ce-specversion", "1.0")
                .header("ce-id", "1")
                .header("ce-source", "/test")
                .header("ce-type", "dev.tidemill.shard")
                .POST(BodyPublishers.ofString(shard))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }
}
