package dev.tidemill.operator.model;

import dev.tidemill.api.Access;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.NotYetSupported;
import dev.tidemill.api.NotYetSupported.Place;
import dev.tidemill.operator.OperatorConfig.ModelImages;
import dev.tidemill.operator.serving.ServingPlan;
import dev.tidemill.operator.serving.Surroundings;
import dev.tidemill.operator.store.Opening;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;

/** What is to be done for a Model, decided from what is there. */
final class ModelPlan {

    private ModelPlan() {}

    /** Its credentials open the artifact's folder, and input and output of the Datasets that it computes. */
    static ServingPlan of(String name, ModelSpec spec, ModelImages images, Surroundings surroundings) {
        var unsupported = NotYetSupported.check(new Model(Metadata.named(null, name), spec), Place.Cluster);
        if (!unsupported.isEmpty()) {
            return ServingPlan.notYetSupported(unsupported.getFirst());
        }
        if (spec.accelerator() != null && spec.format() != ModelSpec.Format.PyTorch) {
            return ServingPlan.refuse(
                    NotYetSupported.REASON,
                    "an accelerator computes PyTorch only; leave spec.accelerator out for " + spec.format());
        }
        if (images.of(spec.accelerator()).isEmpty()) {
            return ServingPlan.refuse(
                    "ImageMissing",
                    spec.accelerator() == null
                            ? "this installation names no image of the model server: set TIDEMILL_MODEL_IMAGE of the operator"
                            : "this installation names no image of the model server with CUDA: set TIDEMILL_MODEL_GPU_IMAGE of the operator");
        }
        var source = Objects.requireNonNull(spec.source(), "NotYetSupported refuses train");
        return surroundings.deploy(
                source.store(),
                List.of(artifact(source)),
                surroundings.computedBy(from -> name.equals(from.model())),
                new LinkedHashMap<>());
    }

    /** Grants are of folders. */
    private static Opening artifact(ModelSpec.Source source) {
        return new Opening(
                source.bucket(), source.key().substring(0, source.key().lastIndexOf('/') + 1), Access.Read);
    }
}
