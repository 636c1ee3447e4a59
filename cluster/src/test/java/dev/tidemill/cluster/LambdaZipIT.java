package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Lambda's deployment package, in the image for its language. */
@Order(2)
@OnCluster
@DisplayName("A Lambda zip on a cluster")
class LambdaZipIT {

    private static final int ROWS = 1_000;

    private final Installation tidemill;

    LambdaZipIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @Test
    @DisplayName("A zip in the store counts the rows of 20 shards from zero, with the boto3 of its runtime image")
    void runsAZip() throws Exception {
        var zip = Files.createTempFile("count", ".zip");
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("counting/rows.py"));
            out.write("""
                    import boto3

                    s3 = boto3.client("s3")

                    def handler(event, context):
                        if "parts" in event:
                            return {"rows": sum(part["rows"] for part in event["parts"])}
                        rows = 0
                        for data in event["function_data"].values():
                            for o in data.get("objects", []):
                                body = s3.get_object(Bucket=data["bucket"], Key=o["key"])["Body"].read()
                                rows += len(body.splitlines()) - 1
                        return {"rows": rows}
                    """.getBytes(StandardCharsets.UTF_8));
        }
        var digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(zip));
        tidemill.store()
                .mc("cp", zip.toString(), "store/lake/test-data/code/count.zip")
                .orFail();
        tidemill.apply("""
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: zip-data}
                spec:
                  generate: {rows: %d, columns: [{name: x, distribution: Uniform}], seed: 7, objects: 20}
                  output: {bucket: lake, prefix: test-data/zip/}
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata: {name: zipped}
                spec:
                  code: {bucket: lake, key: test-data/code/count.zip, sha256: "%s"}
                  runtimeImage: %s
                  runtime: Lambda
                  handler: counting/rows.handler
                  timeout: 1m
                  scale: {max: 2, processes: 2}
                  maxConcurrency: 4
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: zip-rows}
                spec:
                  from: {dataset: zip-data, function: zipped, combine: Tree}
                  partition: {scale: 20}
                """.formatted(ROWS, HexFormat.of().formatHex(digest), tidemill.push("lambda-python")));
        tidemill.kubectl("wait", "--for=condition=Ready", "dataset/zip-rows", "--timeout=540s");
        assertThat(tidemill.dataset("zip-rows").at("/status/result/rows").asInt())
                .isEqualTo(ROWS);
        tidemill.kubectl("delete", "datasets,functions", "--all", "--timeout=120s");
    }
}
