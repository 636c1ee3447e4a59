package dev.tidemill.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * The settings of a function that trains a Model: what of its spec decides what is learned. They come with each {@link ShardData} and
 * {@link CombineData}.
 *
 * @param model the Model's name
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record TrainData(
        String model, ModelSpec.Train train, List<ModelSpec.Tensor> inputs, List<ModelSpec.Tensor> outputs) {

    public TrainData {
        inputs = Defaults.list(inputs);
        outputs = Defaults.list(outputs);
    }

    /**
     * Those of a Model.
     *
     * @throws IllegalArgumentException if it is not trained
     */
    public static TrainData of(Model model) {
        ModelSpec.Train train = model.spec().train();
        if (train == null) {
            throw new IllegalArgumentException(model.reference() + " has no spec.train");
        }
        return new TrainData(
                model.metadata().name(),
                // How it is cut and when it is done again changes nothing of what is learned.
                new ModelSpec.Train(
                        train.dataset(), train.target(), train.algorithm(), train.parameters(), train.output()),
                model.spec().inputs(),
                model.spec().outputs());
    }
}
