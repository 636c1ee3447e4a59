package dev.tidemill.local.s3;

import dev.tidemill.local.s3.awssdk.DirectoryBlobStore;
import dev.tidemill.store.Credentials;
import dev.tidemill.store.StoreConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;

/**
 * An S3 endpoint on loopback over a directory: {@code <directory>/<bucket>/<key>} is a plain file. Its credentials are made once
 * and kept in the directory, in {@code .s3/credentials}, readable by the owner alone.
 */
public final class EmbeddedS3 implements AutoCloseable {

    private static final String REGION = "us-east-1";

    /** Held, since JUL forgets the level of a logger that nobody holds. */
    private static final Logger S3PROXY = Logger.getLogger("org.gaul");

    private final FileChannel lock;
    private final S3Proxy proxy;
    private final URI endpoint;
    private final Credentials credentials;

    private EmbeddedS3(FileChannel lock, S3Proxy proxy, URI endpoint, Credentials credentials) {
        this.lock = lock;
        this.proxy = proxy;
        this.endpoint = endpoint;
        this.credentials = credentials;
    }

    /**
     * Starts the endpoint.
     *
     * @param directory holds the buckets; created if it is missing
     * @param port on loopback, or 0 for any that is free
     * @throws IOException if the directory is in use by another endpoint, or the port is taken
     */
    public static EmbeddedS3 start(Path directory, int port) throws IOException {
        S3PROXY.setLevel(Level.WARNING);
        Path root = Files.createDirectories(directory).toRealPath();
        Path internal = Files.createDirectories(root.resolve(".s3"));
        FileChannel lock = lock(internal.resolve("lock"), directory);
        try {
            Credentials credentials = keptOrMade(internal.resolve("credentials"));
            S3Proxy proxy = S3Proxy.builder()
                    .blobStore(new DirectoryBlobStore(root, internal))
                    .endpoint(URI.create("http://127.0.0.1:" + port))
                    .awsAuthentication(AuthenticationType.AWS_V4, credentials.accessKey(), credentials.secretKey())
                    .ignoreUnknownHeaders(true)
                    .build();
            proxy.start();
            return new EmbeddedS3(lock, proxy, URI.create("http://127.0.0.1:" + proxy.getPort()), credentials);
        } catch (Exception e) {
            lock.close();
            throw explained(e, port);
        }
    }

    private static IOException explained(Exception e, int port) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof BindException) {
                return new IOException("port " + port + " is taken by another program; choose another one", e);
            }
        }
        return e instanceof IOException io
                ? io
                : new IOException("the S3 endpoint did not start: " + e.getMessage(), e);
    }

    private static FileChannel lock(Path file, Path directory) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held;
        try {
            held = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            held = null;
        }
        if (held == null) {
            channel.close();
            throw new IOException(
                    "another S3 endpoint serves " + directory
                            + "; two at once would not keep conditional writes apart. Stop the other one, or use another directory");
        }
        return channel;
    }

    private static Credentials keptOrMade(Path file) throws IOException {
        Properties kept = new Properties();
        if (Files.exists(file)) {
            try (var in = Files.newBufferedReader(file)) {
                kept.load(in);
            }
            String accessKey = kept.getProperty("accessKey");
            String secretKey = kept.getProperty("secretKey");
            if (accessKey == null || secretKey == null) {
                throw new IOException(file + " holds no accessKey and secretKey; remove it, and new ones are made");
            }
            return new Credentials(accessKey, secretKey);
        }
        Credentials made = new Credentials("local" + secret(9), secret(30));
        kept.setProperty("accessKey", made.accessKey());
        kept.setProperty("secretKey", made.secretKey());
        createPrivate(file);
        try (var out = Files.newBufferedWriter(file)) {
            kept.store(out, "Of the S3 endpoint over this directory");
        }
        return made;
    }

    private static void createPrivate(Path file) throws IOException {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (UnsupportedOperationException e) {
            Files.createFile(file);
        }
    }

    private static String secret(int bytes) {
        byte[] random = new byte[bytes];
        new SecureRandom().nextBytes(random);
        return Base64.getEncoder().encodeToString(random).replace('+', 'A').replace('/', 'B');
    }

    /** The credentials that are kept in a directory, for another process that uses the endpoint over it. */
    public static Credentials credentialsOf(Path directory) throws IOException {
        return keptOrMade(directory.resolve(".s3").resolve("credentials"));
    }

    public URI endpoint() {
        return endpoint;
    }

    public Credentials credentials() {
        return credentials;
    }

    /** How to connect to it. */
    public StoreConfig config() {
        return StoreConfig.of(endpoint, credentials).withRegion(REGION);
    }

    /** Stops serving; what is stored stays. */
    @Override
    public void close() {
        try {
            proxy.stop();
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException("the S3 endpoint did not stop: " + e.getMessage(), e);
        }
    }
}
