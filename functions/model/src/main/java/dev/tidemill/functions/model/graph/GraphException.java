package dev.tidemill.functions.model.graph;

import java.io.Serial;

/** The graph refused its inputs or failed on them; the message is the engine's own. */
public final class GraphException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    public GraphException(String message, @org.jspecify.annotations.Nullable Throwable cause) {
        super(message, cause);
    }
}
