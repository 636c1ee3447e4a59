package dev.tidemill.dataflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Condition;
import dev.tidemill.api.Conditions;
import dev.tidemill.api.Conditions.Verdict;
import dev.tidemill.api.DatasetStatus;
import dev.tidemill.api.TrainedModel;
import dev.tidemill.store.MemoryStore;
import dev.tidemill.store.Precondition;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LargeResultTest {

    private static final String RESULT = """
            {"done": true, "artifact": {"bucket": "models", "key": "%s/digits.onnx"}, "algorithm": "KMeans", "dataset": "d",
             "revision": 1, "rows": 2, "rounds": 3, "converged": true, "metrics": {"inertia": 0.5}}""";

    private final MemoryStore memory = new MemoryStore();

    private String put(String key, String value) {
        memory.client()
                .put("tidemill", key, value.getBytes(StandardCharsets.UTF_8), "application/json", Precondition.NONE);
        return "s3://tidemill/" + key;
    }

    private @Nullable JsonNode read(String address) {
        return LargeResult.read(memory.client(), "tidemill", address);
    }

    @Test
    void whatATrainingComesToIsReadWhereItIsTooLargeForAStatus() {
        memory.client().createBucket("tidemill");
        var address = put("ns/digits-training/parts/r", RESULT.formatted("deep".repeat(300)));
        var status = DatasetStatus.builder()
                .observed(
                        1L,
                        Conditions.of(Clock.systemUTC(), 1L, List.of())
                                .requires(Verdict.yes("Committed", "Committed"))
                                .notes(Verdict.no(Condition.PROGRESSING, "Idle", ""))
                                .derive())
                .result(null, address)
                .build();

        assertThat(TrainedModel.of(status, _ -> null))
                .as("as the status has it")
                .isEmpty();
        assertThat(TrainedModel.of(status, this::read))
                .get()
                .satisfies(made -> assertThat(made.artifact().key()).endsWith("deep/digits.onnx"));
    }

    @Test
    void theStateOfARoundIsNotReadAndNothingOutsideOfTheLedgersIs() {
        memory.client().createBucket("tidemill");
        var weights = put("ns/net-training/parts/r", "[" + "0,".repeat(40_000) + "0]");
        assertThat(read(weights)).isNull();
        assertThatThrownBy(() -> read("s3://lake/ours/secret.json"))
                .hasMessageContaining("not in the state bucket, tidemill");
    }
}
