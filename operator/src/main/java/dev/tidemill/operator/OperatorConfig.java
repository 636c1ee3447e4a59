package dev.tidemill.operator;

import dev.tidemill.api.ModelSpec;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the installation decides.
 *
 * @param namespace the operator's own, where the Secrets of ObjectStores lie
 * @param dataflowImage the image of {@code functions/dataflow}: materializer, profiler, generator and built-in functions
 * @param imagePullPolicy of the images above
 * @param dataflowPods at most so many pods of each of a namespace's data path services
 * @param trustedNamespaces where Knative's and the ingress' pods run, and the operator: they reach the data path
 * @param slices at most so many slices at a time, over all Datasets
 * @param storeCheck how often a store that works is looked at
 * @param address how brokers and stores reach the operator
 * @param brokerClass of the Brokers that are made; empty for the cluster's default
 * @param models images of {@code functions/model}
 * @param sidecars images of what stands beside a user's own in a function's pod
 */
public record OperatorConfig(
        String namespace,
        String dataflowImage,
        String imagePullPolicy,
        int dataflowPods,
        List<String> trustedNamespaces,
        int slices,
        Duration storeCheck,
        URI address,
        String brokerClass,
        ModelImages models,
        SidecarImages sidecars) {

    /**
     * Images of what stands beside a user's own in a function's pod; empty where the installation has none.
     *
     * @param lambda of {@code functions/lambda}, the bridge to AWS Lambda's Runtime API
     * @param gate of {@code functions/gate}, which tells callers apart
     */
    public record SidecarImages(String lambda, String gate) {

        /** Whether functions are called through the gate. */
        public boolean gated() {
            return !gate.isEmpty();
        }

        /** Starts another program of the gate's image, as a container's command. */
        public static List<String> gateProgram(String name) {
            return List.of(
                    "/opt/java/bin/java",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    "/app/tidemill-gate.jar:/app/lib/*",
                    "dev.tidemill.functions.gate." + name);
        }
    }

    /**
     * The image of the model server by what it computes on; empty where the installation has none.
     *
     * @param gpu with CUDA
     */
    public record ModelImages(String cpu, String gpu) {
        public String of(ModelSpec.@Nullable Accelerator accelerator) {
            return accelerator == null ? cpu : gpu;
        }
    }

    public OperatorConfig {
        if (dataflowImage.isBlank()) {
            throw new IllegalArgumentException("no image for the data path: set TIDEMILL_DATAFLOW_IMAGE");
        }
    }
}
