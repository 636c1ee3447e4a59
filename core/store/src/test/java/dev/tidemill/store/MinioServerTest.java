package dev.tidemill.store;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract against a real MinIO, where there is one. */
class MinioServerTest extends ObjectClientContract {

    @TempDir
    static Path data;

    private static MinioServer server;
    private static ObjectClient client;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Path binary = MinioServer.binary().orElse(null);
        Assumptions.assumeTrue(binary != null, "no MinIO: set MINIO_BINARY or put minio on the PATH");
        server = MinioServer.start(binary, data);
        client = Stores.connect(server.config());
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            client.close();
            server.close();
        }
    }

    @Override
    protected ObjectClient client() {
        return client;
    }
}
