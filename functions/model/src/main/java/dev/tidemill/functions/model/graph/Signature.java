package dev.tidemill.functions.model.graph;

import dev.tidemill.api.ModelSpec;
import dev.tidemill.api.ModelSpec.Datatype;
import dev.tidemill.functions.model.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a graph says of itself, compared with what the Model declares. */
final class Signature {

    /**
     * A tensor of the graph.
     *
     * @param datatype null where the protocol has none for it
     * @param shape negative dimensions are any size; null where the graph leaves the rank open
     */
    record Entry(@Nullable Datatype datatype, String type, long @Nullable [] shape) {}

    private Signature() {}

    static void check(ModelSpec spec, Map<String, Entry> inputs, Map<String, Entry> outputs) {
        Set<String> declared =
                Set.copyOf(spec.inputs().stream().map(ModelSpec.Tensor::name).toList());
        for (String name : inputs.keySet()) {
            if (!declared.contains(name)) {
                throw mismatch("the graph takes an input %s, which spec.inputs does not declare; it takes %s"
                        .formatted(name, inputs.keySet()));
            }
        }
        spec.inputs().forEach(tensor -> check("input", tensor, inputs));
        spec.outputs().forEach(tensor -> check("output", tensor, outputs));
    }

    private static void check(String kind, ModelSpec.Tensor declared, Map<String, Entry> graph) {
        Entry entry = graph.get(declared.name());
        if (entry == null) {
            throw mismatch("the graph has no %s %s, which spec.%ss declares; it has %s"
                    .formatted(kind, declared.name(), kind, graph.keySet()));
        }
        if (entry.datatype() == null) {
            throw new LoadException(
                    "DatatypeUnsupported",
                    "%s %s is %s in the graph, which the engine does not exchange: cast inside the model, or leave the output out"
                            .formatted(kind, declared.name(), entry.type()));
        }
        long[] shape = entry.shape();
        if (entry.datatype() != declared.datatype() || (shape != null && !fits(declared.shape(), shape))) {
            throw mismatch("%s %s is %s %s in the graph and declared as %s %s"
                    .formatted(
                            kind,
                            declared.name(),
                            entry.datatype(),
                            shape == null ? "of any shape" : Arrays.toString(shape),
                            declared.datatype(),
                            declared.shape()));
        }
    }

    /** A dimension that one side leaves open fits any of the other; the graph's word is tried out by the warm-up. */
    private static boolean fits(List<Long> declared, long[] graph) {
        if (declared.size() != graph.length) {
            return false;
        }
        for (int i = 0; i < graph.length; i++) {
            if (declared.get(i) >= 0 && graph[i] >= 0 && declared.get(i) != graph[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether what a run gave is what is declared. */
    static void check(ModelSpec.Tensor declared, Tensor given) {
        if (given.datatype() != declared.datatype() || !fits(declared.shape(), given.shape())) {
            throw mismatch("output %s comes out as %s %s and is declared as %s %s"
                    .formatted(
                            declared.name(),
                            given.datatype(),
                            Arrays.toString(given.shape()),
                            declared.datatype(),
                            declared.shape()));
        }
    }

    static LoadException mismatch(String message) {
        return new LoadException("SignatureMismatch", message + ": correct the Model's inputs and outputs");
    }
}
