package dev.tidemill.operator.model;

import dev.tidemill.api.Access;
import dev.tidemill.api.Metadata;
import dev.tidemill.api.Model;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelStatus.Made;
import dev.tidemill.api.NotYetSupported;
import dev.tidemill.api.NotYetSupported.Place;
import dev.tidemill.dataflow.Assignments;
import dev.tidemill.operator.KnativeFeatures;
import dev.tidemill.operator.KnativeFeatures.Features;
import dev.tidemill.operator.OperatorConfig.ModelImages;
import dev.tidemill.operator.dataset.DataLocation;
import dev.tidemill.operator.serving.ServingPlan;
import dev.tidemill.operator.serving.Surroundings;
import dev.tidemill.operator.store.Opening;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is to be done for a Model, decided from what is there. */
final class ModelPlan {

    private ModelPlan() {}

    /**
     * Its credentials open the copies of its artifact, and input and output of the Datasets that it computes.
     *
     * @param made what its training has come to, or null
     */
    static ServingPlan of(
            String name,
            ModelSpec spec,
            @Nullable Made made,
            ModelImages images,
            Features features,
            Surroundings surroundings) {
        var unsupported = NotYetSupported.check(new Model(Metadata.named(null, name), spec), Place.Cluster);
        if (!unsupported.isEmpty()) {
            return ServingPlan.notYetSupported(unsupported.getFirst());
        }
        var network = isNetwork(spec);
        if (spec.accelerator() != null && spec.format() != ModelSpec.Format.PyTorch && !network) {
            return ServingPlan.refuse(
                    NotYetSupported.REASON,
                    "an accelerator computes PyTorch only; leave spec.accelerator out for " + spec.format());
        }
        if (images.of(spec.accelerator()).isEmpty() || network && images.cpu().isEmpty()) {
            return ServingPlan.refuse(
                    "ImageMissing",
                    spec.accelerator() == null
                            ? "this installation names no image of the model server: set images.model of the chart"
                            : "this installation names no image of the model server with CUDA: set images.modelGpu of the chart");
        }
        var lacking = features.refusal(spec.nodeSelector(), spec.tolerations(), List.of());
        if (lacking.isPresent()) {
            return ServingPlan.refuse(KnativeFeatures.DISABLED, lacking.get());
        }
        var train = spec.train();
        return train == null
                ? serve(name, Objects.requireNonNull(spec.source()), surroundings)
                : train(name, train, made, surroundings);
    }

    /** Networks are trained by the model server; all else by what profiles. */
    static boolean isNetwork(ModelSpec spec) {
        return spec.train() != null && spec.train().algorithm() == ModelSpec.Algorithm.NeuralNetwork;
    }

    private static ServingPlan serve(String name, ModelSpec.Source source, Surroundings surroundings) {
        return surroundings.deploy(
                source.store(),
                List.of(artifact(source)),
                store -> List.of(Artifact.copies(store, surroundings.namespace(), name)),
                surroundings.computedBy(from -> name.equals(from.model())),
                new LinkedHashMap<>());
    }

    private static ServingPlan train(
            String name, ModelSpec.Train train, @Nullable Made made, Surroundings surroundings) {
        var training = Assignments.trainingName(name);
        if (surroundings.datasets().containsKey(training)) {
            return ServingPlan.refuse(
                    "NameTaken",
                    "the rounds of a training are kept as dataset %s, and there is another one of that name: rename one of the two"
                            .formatted(training));
        }
        var parent = surroundings.datasets().get(train.dataset());
        if (parent == null && made != null) {
            return serve(name, made.artifact(), surroundings);
        }
        if (parent == null) {
            return ServingPlan.refuse(
                    "ParentMissing",
                    "spec.train.dataset names %s, which is not in this namespace: create it"
                            .formatted(train.dataset()));
        }
        var input = DataLocation.of(parent, Access.Read);
        if (input.isEmpty()) {
            return ServingPlan.refuse(
                    "ParentIsValue",
                    "dataset %s is one value and has no rows to learn from".formatted(train.dataset()));
        }
        var output = new Opening(train.output().bucket(), train.output().prefix(), Access.ReadWrite);
        return surroundings.deploy(
                parent.store(),
                List.of(output, input.get()),
                store -> {
                    var copies = Artifact.copies(store, surroundings.namespace(), name);
                    var rounds = new Opening(
                            store.spec().stateBucket(), surroundings.namespace() + "/" + training + "/", Access.Read);
                    // The data path writes what is learned, with keys of its own; of a network the model server does,
                    // from the rounds before.
                    return train.algorithm() == ModelSpec.Algorithm.NeuralNetwork
                            ? List.of(copies, output, input.get(), rounds)
                            : List.of(copies);
                },
                surroundings.computedBy(from -> name.equals(from.model())),
                new LinkedHashMap<>());
    }

    /** Grants are of folders. */
    private static Opening artifact(ModelSpec.Source source) {
        return new Opening(
                source.bucket(), source.key().substring(0, source.key().lastIndexOf('/') + 1), Access.Read);
    }
}
