package dev.tidemill.functions.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.graph.Natives;
import dev.tidemill.functions.model.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** On a GPU, where there is one: {@code PYTORCH_LIBRARY_PATH} names a libtorch with CUDA. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GpuTest {

    @BeforeEach
    void needsAGpu() {
        assumeThat(Files.exists(Path.of("/dev/nvidiactl")))
                .as("this machine has no NVIDIA GPU: nothing here shows that models compute on one")
                .isTrue();
    }

    private static ServedModel onGpu(
            String file, List<ModelSpec.Tensor> inputs, List<ModelSpec.Tensor> outputs, int maxSize) {
        ModelConfig config = Models.config(Format.PyTorch, Models.FOLDER.resolve(file), inputs, outputs, maxSize);
        return Models.load(new ModelConfig(
                config.model(), config.artifact(), null, new Natives(Models.NATIVES.folder(), Natives.Device.GPU)));
    }

    @Test
    @Order(1)
    void computesWhatPythonComputes() throws IOException {
        try (ServedModel model = onGpu("digits.pt", Models.DIGITS_IN, Models.DIGITS_OUT, 64)) {
            assertThat(model.device()).isEqualTo("gpu");
            Tensor x = Models.npy("digits-x.npy", "x");
            float[] expected = Models.floats(Models.npy("digits-torch-probabilities.npy", ""));
            long[] labels = Models.longs(Models.npy("digits-torch-label.npy", ""));
            for (int rows : new int[] {1, 32, 97}) {
                List<Tensor> given = model.infer(List.of(x.slice(0, rows))).join();
                float[] probabilities = Models.floats(given.getFirst());
                assertThat(probabilities).hasSize(rows * 10);
                for (int i = 0; i < probabilities.length; i++) {
                    assertThat(probabilities[i]).isCloseTo(expected[i], within(1e-5f));
                }
                assertThat(Models.longs(given.getLast())).containsExactly(java.util.Arrays.copyOf(labels, rows));
            }
        }
    }

    @Test
    @Order(2)
    void concurrentRequestsGetTheirOwnRows() throws IOException {
        try (ServedModel model = onGpu("digits.pt", Models.DIGITS_IN, Models.DIGITS_OUT, 32)) {
            Tensor x = Models.npy("digits-x.npy", "x");
            long[] labels = Models.longs(Models.npy("digits-torch-label.npy", ""));
            List<CompletableFuture<List<Tensor>>> replies = new ArrayList<>();
            for (int i = 0; i < 970; i++) {
                replies.add(model.infer(List.of(x.slice(i % 97, 1))));
            }
            for (int i = 0; i < 970; i++) {
                assertThat(Models.longs(replies.get(i).join().getLast())).containsExactly(labels[i % 97]);
            }
        }
    }

    /** The last: CUDA does not come back in this process. */
    @Test
    @Order(3)
    void afterAFaultOfTheDeviceTheModelIsNotAliveAnyMore() {
        try (ServedModel model = onGpu(
                "embedding.pt",
                List.of(Models.tensor("index", Datatype.INT64, -1, 2)),
                List.of(Models.tensor("sum", Datatype.FP32, -1, 4)),
                8)) {
            ByteBuffer beyond =
                    ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1_000_000);
            Tensor index = new Tensor("index", Datatype.INT64, new long[] {1, 2}, beyond);
            assertThat(model.alive()).isTrue();

            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(() -> model.infer(List.of(index)).join());

            assertThat(model.alive()).isFalse();
        }
    }
}
