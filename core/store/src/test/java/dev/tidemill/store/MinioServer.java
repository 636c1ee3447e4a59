package dev.tidemill.store;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real MinIO on loopback, if there is one: the program that {@code MINIO_BINARY} names, or {@code minio} on the {@code PATH}.
 */
public final class MinioServer implements AutoCloseable {

    private static final Credentials ROOT = new Credentials("tidemill-test", "tidemill-test-secret");

    private final Process process;
    private final URI endpoint;

    private MinioServer(Process process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /** Where the program is, or empty, said loudly. */
    public static Optional<Path> binary() {
        String named = System.getenv("MINIO_BINARY");
        Stream<Path> candidates = named != null
                ? Stream.of(Path.of(named))
                : Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                        .map(dir -> Path.of(dir).resolve("minio"));
        Optional<Path> found = candidates.filter(Files::isExecutable).findFirst();
        if (found.isEmpty()) {
            System.err.println("SKIPPED: no test against a real MinIO; set MINIO_BINARY or put minio on the PATH");
        }
        return found;
    }

    public static MinioServer start(Path binary, Path data) throws IOException, InterruptedException {
        int port = freePort();
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        binary.toString(),
                        "server",
                        "--quiet",
                        "--address",
                        "127.0.0.1:" + port,
                        "--console-address",
                        "127.0.0.1:" + freePort(),
                        data.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("MINIO_ROOT_USER", ROOT.accessKey());
        builder.environment().put("MINIO_ROOT_PASSWORD", ROOT.secretKey());
        MinioServer server = new MinioServer(builder.start(), URI.create("http://127.0.0.1:" + port));
        server.awaitReady();
        return server;
    }

    public StoreConfig config() {
        return StoreConfig.of(endpoint, ROOT);
    }

    private void awaitReady() throws IOException, InterruptedException {
        while (true) {
            try {
                HttpURLConnection c = (HttpURLConnection)
                        endpoint.resolve("/minio/health/ready").toURL().openConnection();
                if (c.getResponseCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                if (!process.isAlive()) {
                    throw new IOException("MinIO ended with status " + process.exitValue(), e);
                }
            }
            Thread.sleep(50);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
