package dev.tidemill.functions.lambda;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.tidemill.api.FunctionSpec.Code;
import dev.tidemill.api.Json;
import dev.tidemill.store.CodePackage;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.StoreConfig;
import dev.tidemill.store.StoreException;
import dev.tidemill.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The folder in which runtimes find the code of a function that brings a zip in the place of an image, shared with their containers. It
 * is filled before the Runtime API opens, by which a runtime image of ours knows that it is there.
 *
 * @param folder such as {@code /var/task}
 */
record TaskFolder(Path folder) {

    /** Fills the folder, if the environment says that there is code to fetch; ends the program where that cannot be run. */
    static void fill(Map<String, String> environment) {
        String code = environment.get("TIDEMILL_LAMBDA_CODE");
        if (code == null) {
            return;
        }
        try {
            fill(code, environment);
        } catch (IOException | StoreException | CodePackage.UnfitException | IllegalArgumentException e) {
            // Started again by Kubernetes, with growing pauses, until it can be had; this line is the revision's
            // reason.
            Log.line("the code of the function cannot be run: %s", String.valueOf(e.getMessage()));
            System.exit(1);
        }
    }

    private static void fill(String code, Map<String, String> environment) throws IOException {
        Path folder = Path.of(environment.getOrDefault("LAMBDA_TASK_ROOT", "/var/task"));
        try (ObjectClient store = Stores.connect(StoreConfig.fromEnvironment(environment))) {
            new TaskFolder(folder)
                    .fill(Json.mapper().readValue(code, Code.class), environment.getOrDefault("_HANDLER", ""), store);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("TIDEMILL_LAMBDA_CODE must be spec.code as JSON: " + e.getMessage(), e);
        }
    }

    /**
     * Fetches and unpacks the code, unless it is there already because this container has only been started again.
     *
     * @throws CodePackage.UnfitException if it is not the code that is meant, or no zip
     */
    void fill(Code code, String handler, ObjectClient store) throws IOException {
        // No zip can have an entry of this name, for it would have to know its own digest.
        Path unpacking = folder.resolve(".unpacking-" + code.sha256());
        if (!Files.exists(unpacking) && !entries(folder).isEmpty()) {
            return;
        }
        clear(folder);
        Files.createDirectory(unpacking);
        Path zip = Files.createTempFile("code", ".zip");
        try {
            CodePackage.LIKE_LAMBDA.fetch(store, code.bucket(), code.key(), code.sha256(), zip);
            CodePackage.LIKE_LAMBDA.unpack(zip, unpacking);
        } finally {
            Files.delete(zip);
        }
        // Whoever does not wait for the Runtime API finds its handler last, and all else there by then.
        String module = handler.split("[./:]", 2)[0];
        List<Path> unpacked = entries(unpacking).stream()
                .sorted(Comparator.comparing(entry -> isOf(module, entry)))
                .toList();
        for (Path entry : unpacked) {
            Files.move(entry, folder.resolve(entry.getFileName()));
        }
        Files.delete(unpacking);
    }

    private static boolean isOf(String module, Path entry) {
        return entry.getFileName().toString().split("\\.", 2)[0].equals(module);
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    private static void clear(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(folder)) {
                    Files.delete(file);
                }
            }
        }
    }
}
