package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.DataFormat;
import dev.tidemill.api.DatasetSpec;
import dev.tidemill.api.Json;
import dev.tidemill.api.S3Prefix;
import dev.tidemill.dataflow.SliceReply.Items;
import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.Task.Wishes;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SliceRequestTest {

    @Test
    void requestAndReplySurviveTheWayThroughJson() {
        FunctionTarget function = new FunctionTarget(
                "clean",
                URI.create("http://localhost:8081/"),
                "sha256:1",
                "a.b",
                "env",
                Map.of("in", new S3Prefix("AWS_S3_Prefix", "lake", "in/", 3, null, null, null)),
                Map.of("side", new DatasetRef("default", "side", "uid-3", 1)),
                Duration.ofMinutes(5),
                true,
                Json.mapper().createObjectNode().put("algorithm", "KMeans"));
        Task task = Task.of(
                        "laptop",
                        new DatasetRef("default", "cleaned", "uid", 2),
                        "tidemill",
                        new Input.Committed(new DatasetRef("default", "raw", "uid-2", 1)))
                .output(new DatasetSpec.Output("lake", "cleaned/", DataFormat.Type.JsonLines))
                .function(function)
                .wishes(new Wishes(true, 3L, "again"))
                .build();
        SliceRequest request = new SliceRequest(
                task,
                new SliceRequest.Turn(
                        "run-1",
                        Trace.of(null, new Random(1)),
                        20,
                        Duration.ofMinutes(2),
                        Set.of("in/a.csv"),
                        false,
                        true));
        SliceReply reply = new SliceReply(
                SliceReply.State.FAILED,
                "TooManyFailures",
                "2 of 3 objects failed",
                new Items(3, 0, 1, 2),
                3,
                300,
                null,
                1,
                1,
                "s3://tidemill/default/cleaned/manifests/1-aa",
                null,
                null,
                null,
                List.of(new Failure("Bad", "not a number", "s3://lake/in/a.csv", 3, 40, true)),
                Instant.parse("2026-01-01T00:00:00Z"));

        assertThat(SliceRequest.fromJson(request.toJson())).isEqualTo(request);
        assertThat(SliceReply.fromJson(reply.toJson())).isEqualTo(reply);
    }
}
