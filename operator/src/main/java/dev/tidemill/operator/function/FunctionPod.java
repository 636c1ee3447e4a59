package dev.tidemill.operator.function;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Volume;
import java.time.Duration;
import java.util.List;

/**
 * What runs in one pod of a function.
 *
 * @param containers of several the one with a port takes the requests
 * @param concurrency requests that it takes at a time
 * @param timeout of a request, as Knative is told it
 */
record FunctionPod(List<Container> containers, List<Volume> volumes, int concurrency, Duration timeout) {

    /** Where a function's own container listens: what frameworks do when nothing is said. */
    static final int PORT = 8080;
}
