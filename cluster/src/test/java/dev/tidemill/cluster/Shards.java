package dev.tidemill.cluster;

import com.fasterxml.jackson.databind.JsonNode;

/** A thousand generated rows in 20 objects, which a function maps, one by one, and combines. */
final class Shards implements AutoCloseable {

    static final int ROWS = 1_000;

    private final Installation tidemill;

    Shards(Installation tidemill) {
        this.tidemill = tidemill;
        tidemill.apply("""
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: shards}
                spec:
                  generate: {rows: %d, columns: [{name: x, distribution: Uniform}], seed: 7, objects: 20}
                  output: {bucket: lake, prefix: test-data/shards/}
                """.formatted(ROWS));
    }

    /** The Dataset itself. */
    JsonNode status() {
        return tidemill.dataset("shards").path("status");
    }

    /**
     * What the function comes to.
     *
     * @param code the part of a Lambda function's spec that says which it is, as YAML in braces without the braces
     */
    JsonNode combined(String name, String code) {
        tidemill.apply("""
                apiVersion: tidemill.dev/v1alpha1
                kind: Function
                metadata: {name: %1$s}
                spec: {%2$s, runtime: Lambda, timeout: 1m, scale: {max: 2, processes: 2}, maxConcurrency: 4}
                ---
                apiVersion: tidemill.dev/v1alpha1
                kind: Dataset
                metadata: {name: %1$s-of-all}
                spec:
                  from: {dataset: shards, function: %1$s, combine: Tree}
                  partition: {scale: 20}
                """.formatted(name, code));
        tidemill.ready("dataset/" + name + "-of-all");
        return tidemill.dataset(name + "-of-all").at("/status/result");
    }

    @Override
    public void close() {
        tidemill.kubectl("delete", "datasets,functions", "--all", "--timeout=120s");
    }
}
