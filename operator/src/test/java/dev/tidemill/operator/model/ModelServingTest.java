package dev.tidemill.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemill.api.Condition.Status;
import dev.tidemill.api.ModelSpec;
import dev.tidemill.operator.Specs;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class ModelServingTest {

    private static final ModelSpec SPEC = Specs.model("""
            format: ONNX
            source: {bucket: models, key: team-a/digits.onnx}
            inputs: [{name: x, datatype: FP32, shape: [-1]}]
            outputs: [{name: z, datatype: FP32, shape: [-1]}]
            """);

    private static ModelServing serving(String ready, String latestReady, String latestCreated) {
        return ModelServing.of(
                SPEC, Serialization.unmarshal("""
                        apiVersion: serving.knative.dev/v1
                        kind: Service
                        metadata: {name: model-it, generation: 2}
                        status:
                          observedGeneration: 2
                          latestReadyRevisionName: %s
                          latestCreatedRevisionName: %s
                          address: {url: "http://model-it.team-a.svc.cluster.local"}
                          conditions: [%s]
                        """.formatted(latestReady, latestCreated, ready), Service.class));
    }

    @Test
    void aBrokenArtifactIsTheLastFailureAndTheOldOneGoesOnServing() {
        var serving = serving(
                "{type: Ready, status: 'False', reason: RevisionFailed, message: 'Container failed with: DigestMismatch: s3://models/team-a/digits.onnx has another'}",
                "model-it-00001",
                "model-it-00002");

        assertThat(serving.verdict().status()).isEqualTo(Status.False);
        assertThat(serving.versions().active()).isEqualTo("model-it-00001");
        assertThat(serving.versions().target()).isEqualTo("model-it-00002");
        assertThat(serving.failure()).isNotNull().satisfies(failure -> {
            assertThat(failure.location()).isEqualTo("s3://models/team-a/digits.onnx");
            assertThat(failure.reason()).isEqualTo("RevisionFailed");
            assertThat(failure.message()).contains("DigestMismatch");
        });
        assertThat(serving.url()).isEqualTo("http://model-it.team-a.svc.cluster.local");
    }

    @Test
    void aPodThatFitsOnNoNodeIsWaitedFor() {
        var serving = serving(
                "{type: Ready, status: 'False', reason: RevisionFailed, message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.'}",
                "null",
                "model-it-00001");

        assertThat(serving.verdict().status()).isEqualTo(Status.Unknown);
        assertThat(serving.verdict().reason()).isEqualTo("WaitingForCapacity");
        assertThat(serving.failure()).isNull();
    }

    @Test
    void aModelThatServesHasNoTarget() {
        var serving = serving("{type: Ready, status: 'True'}", "model-it-00002", "model-it-00002");

        assertThat(serving.verdict().status()).isEqualTo(Status.True);
        assertThat(serving.versions().active()).isEqualTo("model-it-00002");
        assertThat(serving.versions().target()).isNull();
        assertThat(serving.failure()).isNull();
    }
}
