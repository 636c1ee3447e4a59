package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Lambda's deployment package, in the image for its language. */
@Order(2)
@OnCluster
@DisplayName("A Lambda zip on a cluster")
class LambdaZipIT {

    private final Installation tidemill;
    private Shards shards;

    LambdaZipIT(Installation tidemill) {
        this.tidemill = tidemill;
    }

    @BeforeAll
    void generate() {
        shards = new Shards(tidemill);
    }

    @AfterAll
    void delete() {
        shards.close();
    }

    @Test
    @DisplayName("A zip in the store counts the rows of 20 shards from zero, with the boto3 of its runtime image")
    void pythonCountsRows() throws Exception {
        var rows =
                run("lambda-python", "counting/rows.handler", "counting/rows.py", """
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
        assertThat(rows).isEqualTo(Shards.ROWS);
    }

    @Test
    @DisplayName("A handler in Node adds up the bytes of 20 shards from zero")
    void nodeCountsBytes() throws Exception {
        assumeThat(Installation.isBuilt("lambda-node"))
                .as("-Dimage.names has lambda-node, which the build makes where npm and a C++ compiler are")
                .isTrue();
        var bytes = run("lambda-node", "index.handler", "index.js", """
                exports.handler = async (event) => ({
                  bytes: event.parts
                    ? event.parts.reduce((sum, part) => sum + part.bytes, 0)
                    : Object.values(event.function_data).flatMap((data) => data.objects ?? []).reduce((sum, o) => sum + o.size, 0),
                });
                """.getBytes(StandardCharsets.UTF_8));
        assertThat(bytes).isEqualTo(shards.status().path("bytes").asLong());
    }

    @Test
    @DisplayName("A class in a jar adds up the bytes of 20 shards from zero")
    void javaCountsBytes() throws Exception {
        var name = BytesHandler.class.getName();
        var file = name.replace('.', '/') + ".class";
        try (var compiled = BytesHandler.class.getResourceAsStream("/" + file)) {
            var bytes = run("lambda-java", name + "::handle", file, compiled.readAllBytes());
            assertThat(bytes).isEqualTo(shards.status().path("bytes").asLong());
        }
    }

    /** What the one number of the result is, of a zip with that one file. */
    private long run(String image, String handler, String file, byte[] content) throws Exception {
        var zip = zip(file, content);
        var digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(zip)));
        var key = "test-data/code/" + image + ".zip";
        tidemill.store().mc("cp", zip.toString(), "store/lake/" + key).orFail();
        Files.delete(zip);
        var code = "code: {bucket: lake, key: %s, sha256: \"%s\"}, runtimeImage: \"%s\", handler: \"%s\""
                .formatted(key, digest, tidemill.push(image), handler);
        return shards.combined(image, code).elements().next().asLong();
    }

    private static Path zip(String file, byte[] content) throws IOException {
        var zip = Files.createTempFile("code", ".zip");
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry(file));
            out.write(content);
        }
        return zip;
    }
}
