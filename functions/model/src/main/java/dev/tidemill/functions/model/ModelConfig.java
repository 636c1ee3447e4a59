package dev.tidemill.functions.model;

import dev.tidemill.api.InvalidResourcesException;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.api.ResourceReader;
import dev.tidemill.functions.model.graph.LoadException;
import dev.tidemill.functions.model.graph.Natives;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What to serve, as the environment says.
 *
 * @param model the resource: {@code TIDEMILL_MODEL}, its JSON or YAML, or {@code TIDEMILL_MODEL_FILE}, a file of it
 * @param artifact {@code TIDEMILL_MODEL_ARTIFACT}: a file in place of {@code spec.source}; null for the store
 * @param copy {@code TIDEMILL_MODEL_COPY}: where a copy of the object is read, {@code s3://bucket/key}; null for the object itself
 * @param version {@code TIDEMILL_MODEL_VERSION}; null for the artifact's digest
 * @param natives {@code TIDEMILL_NATIVES} and {@code TIDEMILL_DEVICE}
 */
public record ModelConfig(
        Model model,
        @Nullable Path artifact,
        @Nullable String copy,
        @Nullable String version,
        Natives natives) {

    private static final Pattern FORMAT = Pattern.compile("\"format\"\\s*:\\s*\"(PyTorch|TensorFlow|ONNX)\"");

    static ModelConfig fromEnvironment(Map<String, String> env) {
        String artifact = env.get("TIDEMILL_MODEL_ARTIFACT");
        return new ModelConfig(
                model(env),
                artifact == null ? null : Path.of(artifact),
                env.get("TIDEMILL_MODEL_COPY"),
                env.get("TIDEMILL_MODEL_VERSION"),
                natives(env));
    }

    /** {@code TIDEMILL_NATIVES} and {@code TIDEMILL_DEVICE}. */
    public static Natives natives(Map<String, String> env) {
        return new Natives(
                Path.of(env.getOrDefault("TIDEMILL_NATIVES", "/opt/tidemill/natives")),
                Natives.Device.of(env.get("TIDEMILL_DEVICE")));
    }

    /**
     * The format, before the rest is read, as far as it can be told: what follows from it takes a while.
     *
     * @return none where the Model is not JSON, or in a file
     */
    static Optional<Format> format(Map<String, String> env) {
        return FORMAT.matcher(env.getOrDefault("TIDEMILL_MODEL", ""))
                .results()
                .map(found -> Format.valueOf(found.group(1)))
                .findFirst();
    }

    private static Model model(Map<String, String> env) {
        String text = env.get("TIDEMILL_MODEL");
        String file = env.get("TIDEMILL_MODEL_FILE");
        try {
            List<Model> models = (text != null
                            ? ResourceReader.read(Path.of("TIDEMILL_MODEL"), text)
                            : file != null ? ResourceReader.read(List.of(Path.of(file))) : none())
                    .resources().stream()
                            .filter(Model.class::isInstance)
                            .map(Model.class::cast)
                            .toList();
            if (models.size() != 1) {
                throw new LoadException("ConfigInvalid", "one Model is served, and there are " + models.size());
            }
            return models.getFirst();
        } catch (InvalidResourcesException e) {
            throw new LoadException("ConfigInvalid", String.valueOf(e.getMessage()), e);
        }
    }

    private static ResourceReader.Result none() {
        throw new LoadException(
                "ConfigInvalid", "set TIDEMILL_MODEL to a Model's JSON, or TIDEMILL_MODEL_FILE to a file of it");
    }
}
