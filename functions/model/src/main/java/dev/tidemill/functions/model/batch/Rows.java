package dev.tidemill.functions.model.batch;

import dev.tidemill.functions.model.graph.GraphException;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Memory;
import dev.tidemill.functions.model.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Tensors joined along their first dimension, and parted again. */
final class Rows {

    private Rows() {}

    /** The first input of all, the second of all, …; the requests' dimensions behind the rows are equal. */
    static Lease join(List<List<Tensor>> requests, Memory memory) {
        List<Tensor> first = requests.getFirst();
        List<Tensor> joined = new ArrayList<>(first.size());
        List<Memory.Block> blocks = new ArrayList<>(first.size());
        for (int i = 0; i < first.size(); i++) {
            long rows = 0;
            long bytes = 0;
            for (List<Tensor> request : requests) {
                rows += request.get(i).rows();
                bytes += request.get(i).data().limit();
            }
            Memory.Block block = memory.take(bytes);
            blocks.add(block);
            ByteBuffer data = block.data();
            for (List<Tensor> request : requests) {
                data.put(request.get(i).data().duplicate());
            }
            long[] shape = first.get(i).shape().clone();
            shape[0] = rows;
            joined.add(new Tensor(first.get(i).name(), first.get(i).datatype(), shape, data.flip()));
        }
        return new Lease(joined, () -> blocks.forEach(Memory.Block::close));
    }

    /** Each request's rows of all outputs. */
    static List<Lease> part(Lease outputs, long[] rows) {
        long all = 0;
        for (long count : rows) {
            all += count;
        }
        for (Tensor output : outputs) {
            if (output.rows() != all) {
                throw new GraphException(
                        "output %s has %d rows for an input of %d: rows cannot be told apart; set batch.maxSize to 1"
                                .formatted(output.name(), output.rows(), all),
                        null);
            }
        }
        List<List<Tensor>> parts = new ArrayList<>(rows.length);
        long from = 0;
        for (long count : rows) {
            List<Tensor> part = new ArrayList<>(outputs.size());
            for (Tensor output : outputs) {
                part.add(output.slice(from, count));
            }
            parts.add(part);
            from += count;
        }
        return outputs.into(parts);
    }
}
