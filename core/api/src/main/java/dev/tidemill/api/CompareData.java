package dev.tidemill.api;

import java.util.List;

/**
 * The data of {@link EventTypes#MODEL_COMPARE}.
 *
 * @param inputs of the Model, whose columns count
 * @param dataset of live inputs, and its {@code revision}
 * @param live the profile of that revision, and {@code reference} the one to compare it with: {@code s3://} addresses
 */
public record CompareData(
        String namespace,
        String model,
        List<ModelSpec.Tensor> inputs,
        String threshold,
        String dataset,
        long revision,
        String live,
        String reference) {

    public CompareData {
        inputs = Defaults.list(inputs);
    }
}
