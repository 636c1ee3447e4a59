package dev.tidemill.functions.model.protocol;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.Serving;
import dev.tidemill.functions.model.protocol.Refusal.Kind;
import dev.tidemill.functions.model.tensor.TensorException;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** What server and model say of themselves, for both transports. */
final class Metadata {

    private static final String VERSION = ConfigProvider.getConfig()
            .getOptionalValue("quarkus.application.version", String.class)
            .orElse("unknown");

    private static final List<String> EXTENSIONS = List.of("binary_tensor_data");

    /** Parameters that say where data is or what an output is to be: an answer that passed them over would be another one. */
    private static final List<String> FOREIGN = List.of("shared_memory_region", "classification");

    /** {@code GET /v2}. */
    record Server(String name, String version, List<String> extensions) {
        static Server of() {
            return new Server("tidemill", VERSION, EXTENSIONS);
        }
    }

    /** {@code GET /v2/models/…}. */
    record Model(String name, List<String> versions, String platform, List<Tensor> inputs, List<Tensor> outputs) {
        static Model of(ServedModel model) {
            return new Model(
                    model.name(),
                    List.of(model.version()),
                    model.platform(),
                    tensors(model.spec().inputs()),
                    tensors(model.spec().outputs()));
        }
    }

    record Tensor(String name, String datatype, List<Long> shape) {}

    private Metadata() {}

    /** @throws TensorException if a parameter is of an extension that is not here */
    static void requireOwn(Set<String> parameters) {
        for (String parameter : FOREIGN) {
            if (parameters.contains(parameter)) {
                throw new TensorException(
                        "the parameter %s is of an extension that this server does not have; it has %s"
                                .formatted(parameter, EXTENSIONS));
            }
        }
    }

    private static List<Tensor> tensors(List<ModelSpec.Tensor> declared) {
        return declared.stream()
                .map(tensor -> new Tensor(tensor.name(), tensor.datatype().name(), tensor.shape()))
                .toList();
    }

    /**
     * The model of that name and version.
     *
     * @param version null or empty for whichever is served
     */
    static ServedModel find(Serving serving, String name, @Nullable String version) {
        ServedModel model =
                serving.ready().orElseThrow(() -> new Refusal(Kind.BUSY, "the model is being loaded: try again"));
        if (!model.name().equals(name)) {
            throw new Refusal(Kind.NOT_FOUND, "there is no model %s here; there is %s".formatted(name, model.name()));
        }
        if (version != null && !version.isEmpty() && !version.equals(model.version())) {
            throw new Refusal(
                    Kind.NOT_FOUND,
                    "model %s has no version %s here; it has %s".formatted(name, version, model.version()));
        }
        return model;
    }
}
