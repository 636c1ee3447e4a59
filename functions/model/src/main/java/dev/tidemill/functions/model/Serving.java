package dev.tidemill.functions.model;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.functions.model.graph.Graph;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes the model that is loaded while the server starts; whoever asks before that is done waits or is told. A model that cannot be
 * loaded ends the process, and its last words are the pod's termination message ({@code TIDEMILL_TERMINATION_LOG} names another file).
 */
@Singleton
public class Serving {

    private static final Logger LOG = Logger.getLogger(Serving.class);
    private static final Path TERMINATION =
            Path.of(System.getenv().getOrDefault("TIDEMILL_TERMINATION_LOG", "/dev/termination-log"));

    private static @Nullable CompletableFuture<ServedModel> begun;

    private final CompletableFuture<ServedModel> model = new CompletableFuture<>();
    private volatile boolean ending;

    /** Serves what is loaded already. */
    public static Serving of(ServedModel loaded) {
        Serving serving = new Serving();
        serving.model.complete(loaded);
        return serving;
    }

    /** Begins to load on a thread of its own; once in a process. */
    static synchronized CompletableFuture<ServedModel> begin() {
        CompletableFuture<ServedModel> loading = begun;
        if (loading == null) {
            loading = CompletableFuture.supplyAsync(
                    Serving::load,
                    work -> Thread.ofPlatform().name("model-load").daemon().start(work));
            begun = loading;
        }
        return loading;
    }

    void start(@Observes StartupEvent event) {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> ending = true));
        if (trains()) {
            return;
        }
        CompletableFuture<?> known = begin().handle((loaded, failure) -> {
            if (failure == null) {
                model.complete(loaded);
            } else {
                fail(
                        failure instanceof CompletionException && failure.getCause() != null
                                ? failure.getCause()
                                : failure);
            }
            return null;
        });
        if ("first".equals(System.getenv("TIDEMILL_MODEL_LOAD"))) {
            // For whoever waits for the port alone it opens when the model is ready, and never where it cannot be.
            known.join();
            if (model.isCompletedExceptionally()) {
                throw new IllegalStateException("the model cannot be served");
            }
        }
    }

    private static ServedModel load() {
        long begin = System.nanoTime();
        Map<String, String> env = System.getenv();
        ModelConfig.format(env)
                .ifPresent(format ->
                        Thread.ofPlatform().name("engine-early").daemon().start(() -> early(format, env)));
        ServedModel loaded = ServedModel.load(ModelConfig.fromEnvironment(env), Serving::store);
        LOG.infof(
                "model %s version %s is ready on the %s after %d ms",
                loaded.name(), loaded.version(), loaded.device(), (System.nanoTime() - begin) / 1_000_000);
        return loaded;
    }

    /** Libraries of some hundred megabytes are linked while settings and artifact are read. */
    private static void early(ModelSpec.Format format, Map<String, String> env) {
        try {
            Graph.open(format, ModelConfig.natives(env));
        } catch (RuntimeException | LinkageError _) {
            // Whoever needs it finds out and says so.
        }
    }

    private static ObjectClient store() {
        return Stores.connect(StoreConfig.fromEnvironment(System.getenv()));
    }

    private void fail(Throwable cause) {
        String words = cause instanceof LoadException known
                ? known.reason() + ": " + known.getMessage()
                : "LoadFailed: " + cause;
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

    /** Whether the process has been told to end, and waits for what it still has to answer. */
    public boolean ending() {
        return ending;
    }

    /** Whether the process should go on. */
    public boolean live() {
        return ready().map(ServedModel::alive).orElse(!model.isCompletedExceptionally());
    }
}
