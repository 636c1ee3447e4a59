package dev.tidemill.functions.model;

import dev.tidemill.functions.model.graph.LoadException;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.Stores;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/**
 * Loads the model while the server starts; whoever asks before that is done waits or is told. A model that cannot be loaded ends the
 * process, and its last words are the pod's termination message.
 */
@Singleton
public class Serving {

    private static final Logger LOG = Logger.getLogger(Serving.class);
    private static final Path TERMINATION = Path.of("/dev/termination-log");

    private final CompletableFuture<ServedModel> model = new CompletableFuture<>();

    /** Serves what is loaded already. */
    public static Serving of(ServedModel loaded) {
        Serving serving = new Serving();
        serving.model.complete(loaded);
        return serving;
    }

    void start(@Observes StartupEvent event) {
        if (trains()) {
            return;
        }
        if ("first".equals(System.getenv("TIDEMILL_MODEL_LOAD"))) {
            // The port opens when the model is ready: for whoever waits for the port alone.
            load();
            return;
        }
        Thread.ofPlatform().name("model-load").daemon().start(this::load);
    }

    private void load() {
        long begin = System.nanoTime();
        try {
            ServedModel loaded = ServedModel.load(ModelConfig.fromEnvironment(System.getenv()), Serving::store);
            LOG.infof(
                    "model %s version %s is ready on the %s after %d ms",
                    loaded.name(), loaded.version(), loaded.device(), (System.nanoTime() - begin) / 1_000_000);
            model.complete(loaded);
        } catch (LoadException e) {
            fail(e.reason() + ": " + e.getMessage(), e);
        } catch (RuntimeException | LinkageError e) {
            fail("LoadFailed: " + e, e);
        }
    }

    private static ObjectClient store() {
        return Stores.connect(StoreConfig.fromEnvironment(System.getenv()));
    }

    private void fail(String words, Throwable cause) {
        LOG.error("the model cannot be served; " + words);
        LOG.debug("because of", cause);
        model.completeExceptionally(cause);
        try {
            if (Files.isWritable(TERMINATION)) {
                Files.writeString(TERMINATION, words);
            }
        } catch (IOException e) {
            LOG.warn("no termination message: " + e);
        }
        Quarkus.asyncExit(1);
    }

    void stop(@Observes ShutdownEvent event) {
        ready().ifPresent(ServedModel::close);
    }

    /** The model when it is loaded. */
    public CompletableFuture<ServedModel> model() {
        return model;
    }

    /** The model, if it is loaded. */
    public Optional<ServedModel> ready() {
        return model.isDone() && !model.isCompletedExceptionally() ? Optional.of(model.join()) : Optional.empty();
    }

    /** Whether this process trains networks and serves no model: {@code TIDEMILL_TRAIN} is {@code true}. */
    public static boolean trains() {
        return "true".equals(System.getenv("TIDEMILL_TRAIN"));
    }

    /** Whether the process should go on. */
    public boolean live() {
        return ready().map(ServedModel::alive).orElse(!model.isCompletedExceptionally());
    }
}
