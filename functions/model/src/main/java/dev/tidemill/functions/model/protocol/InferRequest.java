package dev.tidemill.functions.model.protocol;

import dev.tidemill.functions.model.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request, whichever way it came.
 *
 * @param parameters sent back as they are
 * @param outputs the outputs that are wanted; all of them when empty
 * @param binary whether an output that says nothing itself is wanted as bytes behind the JSON
 */
record InferRequest(
        @Nullable String id,
        Map<String, Object> parameters,
        List<Tensor> inputs,
        List<Wanted> outputs,
        boolean binary) {

    /** @param binary null where the request's own wish counts */
    record Wanted(String name, @Nullable Boolean binary) {}

    /** The wanted ones of the model's outputs, in the order in which they are wanted. */
    List<Tensor> choose(List<Tensor> given) {
        if (outputs.isEmpty()) {
            return given;
        }
        return outputs.stream()
                .map(wanted -> given.stream()
                        .filter(tensor -> tensor.name().equals(wanted.name()))
                        .findFirst()
                        .orElseThrow(() -> new Refusal(
                                Refusal.Kind.INVALID,
                                "the model has no output %s; it has %s"
                                        .formatted(
                                                wanted.name(),
                                                given.stream().map(Tensor::name).toList()))))
                .toList();
    }

    boolean wantsBytes(String output) {
        for (Wanted wanted : outputs) {
            if (wanted.name().equals(output) && wanted.binary() != null) {
                return wanted.binary();
            }
        }
        return binary;
    }
}
