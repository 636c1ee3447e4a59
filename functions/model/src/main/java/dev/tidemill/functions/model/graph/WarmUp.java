package dev.tidemill.functions.model.graph;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Tensor;
import dev.tidemill.functions.model.tensor.TextElements;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The first inferences, before anybody waits for one: of zeros, with one row and with a whole batch. They show whether the outputs are
 * what is declared. A graph that refuses zeros of the declared shape is not served.
 */
public final class WarmUp {

    /** TorchScript takes two runs to settle on a plan. */
    private static final int RUNS = 2;

    private WarmUp() {}

    /** @throws LoadException if what comes out is not what is declared */
    public static void run(ModelSpec spec, Graph graph) {
        long most = Objects.requireNonNull(spec.batch().maxSize());
        for (long rows : most == 1 ? new long[] {1} : new long[] {1, most}) {
            List<Tensor> zeros =
                    spec.inputs().stream().map(input -> zeros(input, rows)).toList();
            for (int i = 0; i < RUNS; i++) {
                try (Lease outputs = graph.run(zeros)) {
                    for (int k = 0; k < outputs.size(); k++) {
                        Signature.check(spec.outputs().get(k), outputs.get(k));
                    }
                } catch (GraphException e) {
                    if (guessed(spec)) {
                        return;
                    }
                    throw e;
                }
            }
        }
    }

    /**
     * Whether an open dimension behind the rows had to be guessed, or a number, such as a sampling rate: a graph may refuse 1 or 0 and take
     * what its clients send.
     */
    private static boolean guessed(ModelSpec spec) {
        return spec.inputs().stream()
                .anyMatch(input -> input.shape().isEmpty()
                        || input.shape().equals(List.of(1L))
                        || input.shape().stream().skip(1).anyMatch(size -> size < 0));
    }

    private static Tensor zeros(ModelSpec.Tensor input, long rows) {
        long[] shape = input.shape().stream().mapToLong(Long::longValue).toArray();
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] < 0) {
                shape[i] = i == 0 ? rows : 1;
            }
        }
        long elements = Tensor.elements(shape);
        if (input.datatype() == Datatype.BYTES) {
            String[] texts = new String[Math.toIntExact(elements)];
            Arrays.fill(texts, "");
            return new Tensor(input.name(), input.datatype(), shape, TextElements.ofStrings(texts));
        }
        return new Tensor(
                input.name(),
                input.datatype(),
                shape,
                // Not direct, so that a graph has memory for a whole batch from then on.
                ByteBuffer.allocate(Math.toIntExact(elements * Tensor.width(input.datatype()))));
    }
}
