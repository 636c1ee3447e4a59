package dev.tidemill.functions.model.protocol;

import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.TensorException;

/** The body of a REST inference, for whoever brings it another way. */
public final class InferBody {

    private InferBody() {}

    /**
     * Waits for the reply to a request in JSON.
     *
     * @throws TensorException if the request is not one that the model takes
     */
    public static byte[] answer(ServedModel model, byte[] json) {
        InferRequest request = RestCodec.read(json, json.length, _ -> {});
        try (Lease outputs = model.infer(request.inputs()).join()) {
            return RestCodec.write(request, model.name(), model.version(), request.choose(outputs))
                    .bytes();
        } catch (Refusal e) {
            throw new TensorException(String.valueOf(e.getMessage()));
        }
    }
}
