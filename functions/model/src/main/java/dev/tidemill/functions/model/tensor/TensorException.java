package dev.tidemill.functions.model.tensor;

import java.io.Serial;

/** What the client sent is not what it says or not what the model takes. The message names the tensor and what to do. */
public final class TensorException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    public TensorException(String message) {
        super(message, null, false, false);
    }
}
