package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** An AWS Lambda image, unmodified, beside the bridge. */
@Order(2)
@OnCluster
@DisplayName("A Lambda image on a cluster")
class LambdaIT {

    private static final int ROWS = 1_000;

    private final Installation tidemill;

    @SuppressWarnings("NullAway.Init")
    private String image;

    LambdaIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @BeforeAll
    void made() throws Exception {
        var handlers = Path.of(Installation.example("lambda"));
        image = tidemill.push(LambdaImage.of(handlers, tidemill.shell()), "shard-mean");
    }

    @Test
    @DisplayName(
            "k8s/examples/lambda/shard_mean.py averages 20 shards from zero, as the profile has it, with two processes a pod")
    void averagesShardsFromZero() {
        tidemill.apply("""
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: lambda-data}
                spec:
                  generate: {rows: %d, columns: [{name: x, distribution: Uniform}], seed: 7, objects: 20}
                  output: {bucket: lake, prefix: test-data/lambda/}
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata: {name: shard-mean}
                spec:
                  image: %s
                  runtime: Lambda
                  handler: shard_mean.lambda_handler
                  timeout: 1m
                  scale: {max: 2, processes: 2}
                  maxConcurrency: 4
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: lambda-average}
                spec:
                  from: {dataset: lambda-data, function: shard-mean, combine: Tree}
                  partition: {scale: 20}
                """.formatted(ROWS, image));
        tidemill.ready("dataset/lambda-average");
        var result = tidemill.dataset("lambda-average").at("/status/result");
        assertThat(result.path("count").asInt()).isEqualTo(ROWS);
        var profiled =
                tidemill.dataset("lambda-data").at("/status/columns/0/mean").asDouble();
        assertThat(result.path("mean").asDouble()).isCloseTo(profiled, Offset.offset(1e-9));
        tidemill.kubectl("delete", "datasets,functions", "--all", "--timeout=120s");
    }
}
