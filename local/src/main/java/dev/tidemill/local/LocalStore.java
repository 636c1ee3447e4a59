package dev.tidemill.local;

import dev.tidemill.local.process.Loopback;
import dev.tidemill.local.s3.EmbeddedS3;
import dev.tidemill.store.Credentials;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.StoreException;
import dev.tidemill.store.StoreProbe;
import dev.tidemill.store.Stores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The store that this command works on: a real one, or the embedded endpoint over the data directory. Of several commands over one
 * data directory one serves; when it ends, another takes over at the same address, and requests meanwhile are tried again as with
 * any store that restarts.
 */
final class LocalStore implements AutoCloseable {

    /** A store that locks nothing fails in the first few; a run should not wait long for a proof. */
    private static final int PROBE_ROUNDS = 8;

    private final StoreConfig config;
    private final ObjectClient client;
    private final @Nullable Embedded embedded;

    private LocalStore(StoreConfig config, @Nullable Embedded embedded) {
        this.config = config;
        this.client = Stores.connect(config);
        this.embedded = embedded;
    }

    /** A real store, with the credentials that the environment names. */
    static LocalStore at(URI endpoint, Map<String, String> environment) {
        Map<String, String> variables = new HashMap<>(environment);
        variables.put("AWS_ENDPOINT_URL_S3", endpoint.toString());
        return new LocalStore(StoreConfig.fromEnvironment(variables), null);
    }

    /** The endpoint over the data directory. */
    static LocalStore embedded(DataDir data) throws InterruptedException {
        Embedded embedded = new Embedded(data);
        try {
            return new LocalStore(embedded.open(), embedded);
        } catch (IOException e) {
            throw new UncheckedIOException("the store in " + data.store() + " cannot be opened: " + e.getMessage(), e);
        }
    }

    boolean isEmbedded() {
        return embedded != null;
    }

    /** Whether no other command works on this store now, as far as anybody can know. */
    boolean isOurs() {
        return embedded != null && embedded.servedFirst;
    }

    /**
     * Makes sure, before any work is done, that a foreign store lets one writer win; the embedded one is known to.
     *
     * @throws StoreException.Refused {@code StoreCannotCommit}, with what was seen
     */
    void mustCommit(String stateBucket) throws InterruptedException {
        if (isEmbedded()) {
            return;
        }
        ensureBucket(stateBucket);
        StoreProbe.Result seen = new StoreProbe(client, stateBucket, "", PROBE_ROUNDS).run();
        if (!seen.canCommit()) {
            throw new StoreException.Refused("StoreCannotCommit: " + endpoint() + ": " + seen.complaint(), null);
        }
    }

    ObjectClient client() {
        return client;
    }

    /** Makes the bucket, unless it is there. */
    void ensureBucket(String bucket) {
        if (!client.bucketExists(bucket)) {
            client.createBucket(bucket);
        }
    }

    URI endpoint() {
        return config.endpoint();
    }

    /** The variables by which any S3 SDK finds the store. */
    Map<String, String> environment() {
        Credentials credentials = config.credentials().get();
        Map<String, String> variables = new HashMap<>(Map.of(
                "AWS_ENDPOINT_URL_S3", config.endpoint().toString(),
                "AWS_REGION", config.region(),
                "AWS_ACCESS_KEY_ID", credentials.accessKey(),
                "AWS_SECRET_ACCESS_KEY", credentials.secretKey()));
        if (credentials.sessionToken() != null) {
            variables.put("AWS_SESSION_TOKEN", credentials.sessionToken());
        }
        return variables;
    }

    @Override
    public void close() {
        client.close();
        if (embedded != null) {
            embedded.close();
        }
    }

    /** Who serves is who holds the lock; where is what the file says. */
    private static final class Embedded {
        private final Path directory;
        private final Path address;
        private final FileChannel lock;
        private @Nullable EmbeddedS3 served;
        private boolean closed;
        private boolean servedFirst;

        Embedded(DataDir data) {
            directory = data.store();
            address = data.root().resolve("store.port");
            try {
                lock = FileChannel.open(
                        data.root().resolve("store.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        StoreConfig open() throws IOException, InterruptedException {
            while (true) {
                FileLock held = lock.tryLock();
                if (held != null) {
                    servedFirst = true;
                    EmbeddedS3 mine = serve(port().orElse(0));
                    return mine.config();
                }
                Optional<Integer> port = port().filter(Loopback::answers);
                if (port.isPresent()) {
                    Thread.ofPlatform().daemon().name("store-takeover").start(this::takeOver);
                    return StoreConfig.of(Loopback.url(port.get(), ""), EmbeddedS3.credentialsOf(directory));
                }
                Thread.sleep(50);
            }
        }

        private Optional<Integer> port() {
            return DataDir.read(address).map(Integer::valueOf);
        }

        /** At the old port if it can be had, so that commands which know it go on. */
        private synchronized EmbeddedS3 serve(int port) throws IOException {
            EmbeddedS3 started;
            try {
                started = EmbeddedS3.start(directory, port);
            } catch (IOException e) {
                if (port == 0) {
                    throw e;
                }
                started = EmbeddedS3.start(directory, 0);
            }
            served = started;
            DataDir.write(address, Integer.toString(started.endpoint().getPort()));
            return started;
        }

        private void takeOver() {
            try {
                lock.lock();
                synchronized (this) {
                    if (!closed) {
                        serve(port().orElse(0));
                    }
                }
            } catch (ClosedChannelException _) {
                // This command ended before the other one.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        synchronized void close() {
            closed = true;
            if (served != null) {
                served.close();
            }
            try {
                lock.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
