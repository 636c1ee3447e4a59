package dev.tidemill.functions.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.api.ModelSpec.Format;
import dev.tidemill.functions.model.graph.Graph;
import dev.tidemill.functions.model.graph.Natives;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Memory;
import dev.tidemill.functions.model.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
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

    private static final Natives GPU = new Natives(Models.NATIVES.folder(), Natives.Device.GPU);

    @BeforeEach
    void needsAGpu() {
        assumeThat(Files.exists(Path.of("/dev/nvidiactl")))
                .as("this machine has no NVIDIA GPU: nothing here shows that models compute on one")
                .isTrue();
    }

    private static ServedModel digits(int maxSize) {
        return onGpu("digits.pt", Models.DIGITS_IN, Models.DIGITS_OUT, maxSize);
    }

    private static ServedModel onGpu(
            String file, List<ModelSpec.Tensor> inputs, List<ModelSpec.Tensor> outputs, int maxSize) {
        ModelConfig config = Models.config(Format.PyTorch, Models.FOLDER.resolve(file), inputs, outputs, maxSize);
        return Models.load(new ModelConfig(config.model(), config.artifact(), null, null, GPU));
    }

    private static Graph addOne() {
        Path file = Models.FOLDER.resolve("add_one.pt");
        ModelConfig config = Models.config(Format.PyTorch, file, Models.ADD_ONE_IN, Models.ADD_ONE_OUT, 8);
        return Graph.load(config.model().spec(), file, GPU);
    }

    @Test
    @Order(1)
    void computesWhatPythonComputes() throws IOException {
        try (ServedModel model = digits(64)) {
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
        try (ServedModel model = digits(32)) {
            Tensor x = Models.npy("digits-x.npy", "x");
            long[] labels = Models.longs(Models.npy("digits-torch-label.npy", ""));
            List<CompletableFuture<Lease>> replies = new ArrayList<>();
            for (int i = 0; i < 970; i++) {
                replies.add(model.infer(List.of(x.slice(i % 97, 1))));
            }
            for (int i = 0; i < 970; i++) {
                assertThat(Models.longs(replies.get(i).join().getLast())).containsExactly(labels[i % 97]);
            }
        }
    }

    @Test
    @Order(3)
    void inputsAndOutputsLieWhereTheGpuReadsAndWritesByItself() throws Throwable {
        try (Graph graph = addOne();
                Lease outputs = graph.run(List.of(Models.floats("x", new long[] {1, 3}, 1, 2, 3)));
                Memory.Block inputs = graph.memory().take(12)) {
            assertThat(Models.floats(outputs.getFirst())).containsExactly(2, 3, 4);
            assertThat(isPageLocked(outputs.getFirst().data())).isTrue();
            assertThat(isPageLocked(inputs.data())).isTrue();
            assertThat(isPageLocked(Tensor.allocate(12))).isFalse();
        }
    }

    /** As CUDA says. */
    private static boolean isPageLocked(ByteBuffer data) throws Throwable {
        MethodHandle flags = Linker.nativeLinker()
                .downcallHandle(
                        SymbolLookup.loaderLookup().find("cudaHostGetFlags").orElseThrow(),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            int error = (int) flags.invokeExact(arena.allocate(ValueLayout.JAVA_INT), MemorySegment.ofBuffer(data));
            return error == 0;
        }
    }

    @Test
    @Order(4)
    void aThousandRunsTakeNoMoreMemoryThanAFew() throws IOException {
        try (Graph graph = addOne()) {
            Tensor x = Models.floats("x", new long[] {1 << 18, 3}, new float[3 << 18]);
            runs(graph, x, 10);
            long before = resident();
            runs(graph, x, 1_000);
            // The outputs are three gigabytes.
            assertThat(resident() - before).isLessThan(500L << 20);
        }
    }

    private static void runs(Graph graph, Tensor x, int times) {
        for (int i = 0; i < times; i++) {
            graph.run(List.of(x)).close();
        }
    }

    /** Bytes of this process that are in memory. */
    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElseThrow();
    }

    @Test
    @Order(5)
    void whatDoesNotFitIntoTheGpusMemoryIsRefusedAndTheNextRequestAnswered() {
        try (ServedModel model = onGpu(
                "pairs.pt",
                List.of(Models.tensor("x", Datatype.FP32, -1, 1)),
                List.of(Models.tensor("y", Datatype.FP32, -1)),
                8)) {
            // 400 GB.
            int rows = 316_000;
            Tensor most = Models.floats("x", new long[] {rows, 1}, new float[rows]);

            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(() -> model.infer(List.of(most)).join())
                    .withMessageContaining("out of memory");

            assertThat(model.alive()).isTrue();
            Tensor few = Models.floats("x", new long[] {3, 1}, 1, 2, 3);
            assertThat(Models.floats(model.infer(List.of(few)).join().getFirst()))
                    .containsExactly(6, 12, 18);
        }
    }

    /** The last: CUDA does not come back in this process. */
    @Test
    @Order(6)
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
