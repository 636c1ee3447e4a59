package dev.tidemill.operator;

import java.net.URI;
import java.time.Duration;
import java.util.List;

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
        String brokerClass) {

    public OperatorConfig {
        if (dataflowImage.isBlank()) {
            throw new IllegalArgumentException("no image for the data path: set TIDEMILL_DATAFLOW_IMAGE");
        }
    }
}
