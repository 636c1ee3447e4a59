package dev.tidemill.operator;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.tidemill.store.Credentials;
import dev.tidemill.store.StoreConfig;
import io.minio.GetBucketNotificationArgs;
import io.minio.GetObjectArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.Xml;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A MinIO of a test's own, from the program that {@code MINIO_BINARY} names or that a test cluster has built. */
public final class RealMinio implements AutoCloseable {

    public static final Credentials ROOT = new Credentials("minioadmin", "minioadmin");

    private final URI endpoint;
    private final Path data;
    private final Process server;
    private final Map<Credentials, MinioClient> clients = new ConcurrentHashMap<>();

    private RealMinio(URI endpoint, Path data, Process server) {
        this.endpoint = endpoint;
        this.data = data;
        this.server = server;
    }

    /** One with the bucket {@code lake}. */
    static RealMinio withLake() throws Exception {
        var minio = start(Map.of());
        minio.foreignClient(ROOT)
                .makeBucket(MakeBucketArgs.builder().bucket("lake").build());
        return minio;
    }

    /** @param environment beside MinIO's own */
    public static RealMinio start(Map<String, String> environment) throws IOException, InterruptedException {
        return start(environment, "http://127.0.0.1", List.of());
    }

    /** One that is reached by TLS only, at names below the CA's domain: {@code https://<bucket>.<domain>}. */
    static RealMinio startPrivate(TestCa ca) throws IOException, InterruptedException {
        return start(
                Map.of("MINIO_DOMAIN", ca.domain()),
                "https://" + ca.domain(),
                List.of("--certs-dir", ca.folder().toString()));
    }

    private static RealMinio start(Map<String, String> environment, String host, List<String> options)
            throws IOException, InterruptedException {
        var program = program();
        var data = Files.createTempDirectory("minio");
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        var command = new ArrayList<>(
                List.of(program.toString(), "server", data.toString(), "--address", "127.0.0.1:" + port, "--quiet"));
        command.addAll(options);
        var builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        var server = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        var minio = new RealMinio(URI.create(host + ":" + port), data, server);
        minio.awaitHealthy();
        return minio;
    }

    private static Path program() {
        var named = System.getenv("MINIO_BINARY");
        var home = Objects.requireNonNullElse(
                System.getenv("TEST_CLUSTER_HOME"), System.getProperty("user.home") + "/.cache/test-cluster");
        var program = Path.of(named == null ? home + "/bin/minio" : named);
        return Files.isExecutable(program) ? program : abort("no MinIO: set MINIO_BINARY to the server's program");
    }

    private void awaitHealthy() throws IOException, InterruptedException {
        var client = foreignClient(ROOT);
        for (var attempt = 0; server.isAlive(); attempt++) {
            try {
                client.listBuckets();
                return;
            } catch (IOException | MinioException | GeneralSecurityException e) {
                if (attempt > 600) {
                    throw new IOException(e);
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        throw new IOException("minio ended with " + server.exitValue());
    }

    public URI endpoint() {
        return endpoint;
    }

    public StoreConfig config(Credentials credentials) {
        return StoreConfig.of(endpoint, credentials);
    }

    /** A client that is not Tidemill's. */
    public MinioClient foreignClient(Credentials credentials) {
        return clients.computeIfAbsent(credentials, keys -> {
            var client = MinioClient.builder()
                    .endpoint(endpoint.toString())
                    .region("us-east-1")
                    .credentials(keys.accessKey(), keys.secretKey())
                    .build();
            try {
                // Whose certificate it shows is for Tidemill's own clients to judge.
                client.ignoreCertCheck();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
            return client;
        });
    }

    /** Returns when the store tells of puts under the prefix. */
    public void awaitNotified(String bucket, String prefix) throws Exception {
        var end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!notifications(bucket).contains("<Value>" + prefix + "</Value>")) {
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "no notifications of " + prefix + " within a minute: " + notifications(bucket));
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    private String notifications(String bucket) throws Exception {
        return Xml.marshal(foreignClient(ROOT)
                .getBucketNotification(
                        GetBucketNotificationArgs.builder().bucket(bucket).build()));
    }

    /** Puts an object with the right to everything. */
    public String put(String bucket, String key, String content) throws Exception {
        var bytes = content.getBytes(StandardCharsets.UTF_8);
        return foreignClient(ROOT)
                .putObject(PutObjectArgs.builder().bucket(bucket).object(key).stream(
                                new ByteArrayInputStream(bytes), bytes.length, -1)
                        .build())
                .etag();
    }

    /** Deletes an object with the right to everything. */
    void delete(String bucket, String key) throws Exception {
        foreignClient(ROOT)
                .removeObject(
                        RemoveObjectArgs.builder().bucket(bucket).object(key).build());
    }

    /** The object's content, or the store's word why not, such as {@code AccessDenied}. */
    public String read(Credentials credentials, String bucket, String key) throws Exception {
        try (var body = foreignClient(credentials)
                .getObject(GetObjectArgs.builder().bucket(bucket).object(key).build())) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (ErrorResponseException e) {
            return e.errorResponse().code();
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        server.destroy();
        server.waitFor(30, TimeUnit.SECONDS);
        try (var files = Files.walk(data)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
